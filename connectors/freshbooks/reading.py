"""FreshBooks objects become documents of the house, or an Unreadable that says why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors.errors import Rejected
from connectors.freshbooks import unreadable
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.currencies import CURRENCIES
from connectors.freshbooks.errors import SYSTEM
from connectors.freshbooks.figures import Figures, prove, prove_bare
from connectors.freshbooks.marks import is_deleted, source_id, version_of
from connectors.freshbooks.models import (
    Row,
    Wire,
    WireClient,
    WireCreditNote,
    WireDocument,
    WireInvoice,
    WireMoney,
    WirePayment,
)
from connectors.ports import Unreadable
from documents.cash import CreditNote, CreditType, Payment
from documents.customer import Address, Customer
from documents.hold import HoldRequired
from documents.invoice import Deposit, Invoice, InvoiceStage
from documents.money import Money

_W = TypeVar("_W", bound=Wire)
_D = TypeVar("_D")

_DRAFT, _DISPUTED = "1", "0"


def read_invoice(row: Row, clock: Clock) -> Invoice | Unreadable:
    """An invoice, or why it cannot be one. The hold's values name the stage it is at."""
    number = str(row.get("invoice_number") or "")
    stage = stage_of(row)
    return _readable(row, number, stage.value, lambda: _invoice(row, f"Invoice {number}", clock))


def read_credit_note(row: Row) -> CreditNote | Unreadable:
    """A credit note, or why it cannot be one."""
    number = str(row.get("credit_number") or "")
    stage = "deleted" if is_deleted(row) else "final"
    return _readable(row, number, stage, lambda: _credit_note(row, f"Credit note {number}"))


def read_payment(row: Row, clock: Clock) -> Payment:
    """A payment; Rejected with its hold when it cannot be read."""
    return _or_rejected("read payment", lambda: _payment(row, clock))


def read_customer(row: Row) -> Customer:
    """A client; Rejected with its hold when it cannot be read."""
    return _or_rejected("read client", lambda: _customer(row))


def stage_of(row: Row) -> InvoiceStage:
    """Where an invoice stands: deleted before all else, then by `v3_status`.

    The `status` number is legacy and only asked where `v3_status` says nothing of its own; the
    archived ones still count in the books, so they are final.
    """
    if is_deleted(row):
        return InvoiceStage.DELETED
    word, status = row.get("v3_status") or "", str(row.get("status"))
    if word == "draft" or (word in ("", "created") and status == _DRAFT):
        return InvoiceStage.DRAFT
    if word == "disputed" or (word == "" and status == _DISPUTED):
        return InvoiceStage.DISPUTED
    return InvoiceStage.FINAL


def _readable(row: Row, number: str, stage: str, read: Callable[[], _D]) -> _D | Unreadable:
    try:
        return read()
    except HoldRequired as error:
        hold = error.hold.model_copy(update={"values": {**error.hold.values, "stage": stage}})
        return Unreadable(
            source_id(row), number, hold, _stated_amount(row), InvoiceStage(stage), version_of(row)
        )


def _or_rejected(operation: str, read: Callable[[], _D]) -> _D:
    try:
        return read()
    except HoldRequired as error:
        raise Rejected(SYSTEM, operation, error.hold) from error


def _validated(what: str, model: type[_W], row: Row) -> _W:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        # Not chained: the text of the cause quotes the whole object.
        raise unreadable.malformed(what, error) from None


def _invoice(row: Row, what: str, clock: Clock) -> Invoice:
    wire = _validated(what, WireInvoice, row)
    stage = stage_of(row)
    _require_lines(what, wire, stage)
    figures = prove(what, wire, (wire.paid, wire.outstanding, wire.deposit_amount))
    return Invoice(
        source_id=wire.id,
        number=wire.invoice_number,
        stage=stage,
        party_id=_party(what, wire.customerid),
        currency=figures.total.currency,
        document_date=_dated(what, wire.create_date),
        due_date=wire.due_date,
        lines=figures.lines,
        discount_percent=wire.discount_value,
        subtotal=figures.subtotal,
        discount=figures.discount,
        net=figures.net,
        taxes=figures.taxes,
        total=figures.total,
        paid=_money(wire.paid, figures),
        outstanding=_money(wire.outstanding, figures),
        deposit=_deposit(wire, figures),
        po_number=wire.po_number,
        recurring_profile_id=_profile(wire),
        # A FreshBooks price never includes tax; the percentages are added to it.
        prices_include_tax=False,
        changed_at=_moment(wire.updated, clock),
        version=version_of(row),
    )


def _require_lines(what: str, wire: WireDocument, stage: InvoiceStage) -> None:
    """A draft or a deleted invoice may be empty, because it is not posted."""
    if wire.lines:
        return
    if wire.amount.amount:
        raise unreadable.lines_missing(what, str(wire.amount.amount))
    if stage in (InvoiceStage.FINAL, InvoiceStage.DISPUTED):
        raise unreadable.no_lines(what)


def _credit_note(row: Row, what: str) -> CreditNote:
    wire = _validated(what, WireCreditNote, row)
    if wire.credit_type not in list(CreditType):
        raise unreadable.unknown_type(what, wire.credit_type)
    if not wire.lines and wire.credit_type == CreditType.GOODWILL:
        raise unreadable.lines_missing(what, str(wire.amount.amount))
    figures = prove(what, wire) if wire.lines else prove_bare(what, wire)
    return CreditNote(
        source_id=wire.id,
        number=wire.credit_number,
        type=CreditType(wire.credit_type),
        party_id=_party(what, wire.clientid),
        currency=figures.total.currency,
        document_date=_dated(what, wire.create_date),
        lines=figures.lines,
        discount_percent=wire.discount_value,
        net=figures.net,
        taxes=figures.taxes,
        total=figures.total,
        used=_money(wire.paid, figures),
        existence=wire.existence,
        version=version_of(row),
    )


def _payment(row: Row, clock: Clock) -> Payment:
    what = f"Payment {source_id(row)}"
    wire = _validated(what, WirePayment, row)
    if wire.amount.code not in CURRENCIES:
        raise unreadable.unknown_currency(what, wire.amount.code)
    amount = Money.of(wire.amount.amount, wire.amount.code)
    if not amount.is_exact:
        raise unreadable.too_many_decimals(what, format(amount.amount, "f"), amount.currency)
    return Payment(
        source_id=wire.id,
        invoice_id=wire.invoiceid,
        party_id=wire.clientid,
        amount=amount,
        date=_dated(what, wire.date),
        type=wire.type,
        gateway=wire.gateway,
        note=wire.note,
        from_credit=wire.from_credit,
        credit_id=wire.creditid or None,
        overpayment_id=wire.overpaymentid or None,
        existence=wire.existence,
        changed_at=_moment(wire.updated, clock),
        version=version_of(row),
    )


def _customer(row: Row) -> Customer:
    wire = _validated(f"Client {source_id(row)}", WireClient, row)
    return Customer(
        source_id=wire.id,
        organization=wire.organization,
        first_name=wire.fname,
        last_name=wire.lname,
        email=wire.email.strip(),
        phone=wire.bus_phone or wire.mob_phone or wire.home_phone,
        address=Address(
            street=wire.p_street,
            street2=wire.p_street2,
            city=wire.p_city,
            province=wire.p_province,
            postal_code=wire.p_code,
            country=wire.p_country,
        ),
        currency=wire.currency_code if wire.currency_code in CURRENCIES else None,
        language=wire.language,
        vat_number=wire.vat_number,
        existence=wire.existence,
    )


def _party(what: str, client_id: str) -> str:
    if not client_id:
        raise unreadable.no_client(what)
    return client_id


def _dated(what: str, day: date | None) -> date:
    if day is None:
        raise unreadable.no_date(what)
    return day


def _money(wire: WireMoney | None, figures: Figures) -> Money:
    return Money.of(wire.amount if wire else 0, figures.total.currency)


def _deposit(wire: WireInvoice, figures: Figures) -> Deposit | None:
    stated = _money(wire.deposit_amount, figures)
    amount = stated or (figures.total * (wire.deposit_percentage / 100)).rounded()
    return Deposit(amount=amount, status=wire.deposit_status) if amount else None


def _profile(wire: WireInvoice) -> str | None:
    """The recurring profile: only those stamp a generation date; others have a parent too."""
    return wire.parent or None if wire.generation_date else None


def _moment(text: str, clock: Clock) -> datetime | None:
    """A stamp that is only shown: one that cannot be read must not hold a document."""
    try:
        return clock.to_utc(text)
    except ValueError:
        return None


def _stated_amount(row: Row) -> Money | None:
    """What the document says it is worth, for the list of held ones; None when unreadable."""
    stated: Any = row.get("amount")
    try:
        wire = WireMoney.model_validate(stated)
        return Money.of(wire.amount, wire.code)
    except ValidationError:
        return None
