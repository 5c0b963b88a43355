"""Expenses of FreshBooks with their category, staff and receipt (reference, 5.5, 5.10, 5.12)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Annotated, NoReturn

from pydantic import Field, StringConstraints, ValidationError

from connectors.errors import ReplyTooLong
from connectors.freshbooks import unreadable
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.currencies import CURRENCIES
from connectors.freshbooks.families import CATEGORIES, EXPENSES, STAFF, Resource
from connectors.freshbooks.marks import is_deleted, version_of
from connectors.freshbooks.models import Flag, Id, OptionalDate, Percent, Row, Text, Wire, WireMoney
from connectors.ports import Unreadable
from connectors.transport import MAX_RESPONSE_BYTES
from documents.expense import Expense, ExpenseStage, Receipt, ReceiptRef, Staff
from documents.hold import HoldRequired
from documents.invoice import InvoiceStage
from documents.money import Money, smallest_unit
from documents.record import TaxTotal

_JWT = r"^[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+){0,4}$"
"""It becomes a part of an address: what could lead elsewhere there is none."""

_TAG = re.compile(r"(?<!\w)#([A-Za-z][\w-]*)(?::([^\s#]+))?")
_MARK = re.compile(r"\s*\[Tieout: ([^\]]*)\]")
_NOTES_TOGETHER = "\n"


class _WireAttachment(Wire):
    id: Id = ""
    jwt: Annotated[Text, StringConstraints(pattern=_JWT, max_length=2048)] = ""
    media_type: Text = ""


class _WireExpense(Wire):
    """An expense read with `include[]=attachment`; tax amounts are money here."""

    id: Id
    amount: WireMoney | None = None
    date: OptionalDate = None
    categoryid: Id = ""
    staffid: Id = ""
    clientid: Id = ""
    projectid: Id = ""
    modern_projectid: Id = ""
    vendor: Text = ""
    notes: Text = ""
    account_name: Text = ""
    transactionid: Id = ""
    has_receipt: Flag = False
    billable: Flag = False
    compounded_tax: Flag = False
    attachment: _WireAttachment | None = None
    bill_matches: tuple[object, ...] = ()
    tax_name1: Text = Field("", validation_alias="taxName1")
    tax_name2: Text = Field("", validation_alias="taxName2")
    tax_percent1: Percent = Field(Decimal(0), validation_alias="taxPercent1")
    tax_percent2: Percent = Field(Decimal(0), validation_alias="taxPercent2")
    tax_amount1: WireMoney | None = Field(None, validation_alias="taxAmount1")
    tax_amount2: WireMoney | None = Field(None, validation_alias="taxAmount2")


class _WireStaff(Wire):
    id: Id
    fname: Text = ""
    lname: Text = ""
    email: Text = ""


LookUp = Callable[[Resource, str], Awaitable[Row | None]]


class Expenses:
    """Reads and marks the expenses of one account. `look_up` reads the category and the staff
    member behind one; it may remember them."""

    def __init__(
        self, client: FreshBooksClient, clock: Clock, look_up: LookUp | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._look_up: LookUp = look_up or client.read

    async def read(self, expense_id: str) -> Expense | Unreadable | None:
        """The expense as it is now; Unreadable with the hold when it lacks something or does not
        add up; None when FreshBooks does not know it."""
        row = await self._client.read(EXPENSES, expense_id, include=("attachment",))
        return None if row is None else await self.of_row(row)

    async def of_row(self, row: Row) -> Expense | Unreadable:
        """The expense that a row of FreshBooks is."""
        try:
            return await self._expense(row)
        except HoldRequired as error:
            return _unreadable(row, error)

    async def receipt(self, reference: ReceiptRef) -> Receipt | None:
        """What the receipt is; None when FreshBooks has no such file. Its content is dropped, and
        one that is longer than any reply may be is told by its size."""
        path = _path(reference)
        try:
            content = await self._client.download(path, "read receipt")
        except ReplyTooLong:
            unread = hashlib.sha256(path.encode()).hexdigest()
            return Receipt(size=MAX_RESPONSE_BYTES + 1, digest=unread, kind="")
        if content is None:
            return None
        digest = hashlib.sha256(content).hexdigest()
        return Receipt(size=len(content), digest=digest, kind=kind_of(content))

    async def receipt_file(self, reference: ReceiptRef) -> tuple[str, bytes] | None:
        """The receipt itself and what kind of file it is, for a person to see; None when there is
        none, or it is longer than any reply may be."""
        try:
            content = await self._client.download(_path(reference), "read receipt")
        except ReplyTooLong:
            return None
        return None if content is None else (kind_of(content), content)

    async def mark(self, expense_id: str, text: str) -> bool:
        """Write our mark behind the writer's own notes, in place of an older mark of ours. False
        when the expense is gone."""
        row = await self._client.read(EXPENSES, expense_id)
        if row is None or is_deleted(row):
            return False
        before = str(row.get("notes") or "")
        after = marked(before, text)
        if after != before:
            await self._client.update(EXPENSES, expense_id, {"notes": after})
        return True

    async def _expense(self, row: Row) -> Expense:
        what = f"Expense {row.get('id')}"
        wire = _validated(what, row)
        stage = ExpenseStage.DELETED if is_deleted(row) else ExpenseStage.ENTERED
        gross = _gross(what, wire)
        taxes = tuple(_taxes(what, wire, gross))
        return Expense(
            source_id=wire.id,
            stage=stage,
            staff=await self._staff(what, wire.staffid),
            category_id=wire.categoryid,
            category=await self._category(what, wire.categoryid),
            document_date=wire.date or _missing(what, "date", "no-date"),
            gross=gross,
            net=gross - Money.total((t.amount for t in taxes), gross.currency),
            taxes=taxes,
            vendor=wire.vendor.strip(),
            client_id=wire.clientid,
            project_id=wire.modern_projectid or wire.projectid,
            account_name=wire.account_name,
            notes=_MARK.sub("", wire.notes),
            tags=tags_of(wire.notes),
            told=" ".join(_MARK.findall(wire.notes)),
            receipt=_receipt(wire),
            bank_imported=bool(wire.transactionid),
            bill_matched=bool(wire.bill_matches),
            billable=wire.billable,
            existence=wire.existence,
            version=version_of(row),
        )

    async def _category(self, what: str, category_id: str) -> str:
        row = await self._look_up(CATEGORIES, category_id) if category_id else None
        if row is None or not row.get("category"):
            _missing(what, "category", "no-category")
        return str(row["category"]) if row else ""

    async def _staff(self, what: str, staff_id: str) -> Staff:
        row = await self._look_up(STAFF, staff_id) if staff_id else None
        if row is None:
            _missing(what, "staff member", "no-staff")
        wire = _WireStaff.model_validate(row)
        name = f"{wire.fname} {wire.lname}".strip()
        return Staff(source_id=wire.id, name=name, email=wire.email.strip().lower())


def marked(notes: str, text: str) -> str:
    """The notes with our mark at their end; what the writer wrote is kept to the letter."""
    own = _MARK.sub("", notes)
    return f"{own}{_NOTES_TOGETHER if own else ''}[Tieout: {text}]"


def tags_of(notes: str) -> dict[str, str]:
    """The words after # with what follows a colon, lower case; our own mark does not count."""
    found = _TAG.findall(_MARK.sub("", notes))
    return {name.lower(): value for name, value in found}


def _path(reference: ReceiptRef) -> str:
    return f"/uploads/attachments/{reference.reference}"


def kind_of(content: bytes) -> str:
    """Picture or PDF by the first bytes of a file; empty for anything else."""
    for start, kind in _BEGINNINGS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "heic" if content[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix") else ""


_BEGINNINGS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)


def _validated(what: str, row: Row) -> _WireExpense:
    try:
        return _WireExpense.model_validate(row)
    except ValidationError as error:
        # Not chained: the text of the cause quotes the whole object.
        raise unreadable.malformed(what, error) from None


def _gross(what: str, wire: _WireExpense) -> Money:
    if wire.amount is None:
        _missing(what, "amount", "no-amount")
    assert wire.amount is not None, "a missing amount was refused"
    if wire.amount.code not in CURRENCIES:
        raise unreadable.unknown_currency(what, wire.amount.code)
    gross = Money.of(wire.amount.amount, wire.amount.code)
    if not gross.is_exact:
        raise unreadable.too_many_decimals(what, format(gross.amount, "f"), gross.currency)
    if gross.amount <= 0:
        raise unreadable.held(
            "amount-not-positive",
            f"{what} is over {gross}: an expense is more than nothing.",
            amount=str(gross),
        )
    return gross


def _taxes(what: str, wire: _WireExpense, gross: Money) -> Iterator[TaxTotal]:
    """Each tax with its amount: as stated and proved, or computed where only a percent is."""
    first = (wire.tax_name1, wire.tax_percent1, wire.tax_amount1)
    second = (wire.tax_name2, wire.tax_percent2, wire.tax_amount2)
    given = [t for t in (first, second) if t[1] or (t[2] and t[2].amount)]
    compound = wire.compounded_tax and len(given) == 2
    factors = _factors([percent for _, percent, _ in given], compound)
    net = (gross * (1 / (1 + sum(factors, Decimal(0))))).amount
    stated = [Money.of(t[2].amount, gross.currency) if t[2] else None for t in given]
    if stated and all(stated):
        net = gross.amount - sum((s.amount for s in stated if s), Decimal(0))
    for (name, percent, wired), factor, said in zip(given, factors, stated, strict=True):
        if wired and wired.code not in ("", gross.currency):
            raise unreadable.mixed_currencies(what, gross.currency, "its tax", wired.code)
        computed = Money.of(net * factor, gross.currency).rounded()
        amount = said if said is not None else computed
        if percent and abs((amount - computed).amount) > smallest_unit(gross.currency):
            raise unreadable.does_not_add_up(what, computed, amount)
        basis = Money.of(net, gross.currency).rounded()
        yield TaxTotal(name=name or "tax", percent=percent, basis=basis, amount=amount)


def _factors(percents: list[Decimal], compound: bool) -> list[Decimal]:
    """What part of the net each tax is; a compound one is computed on the net with the first."""
    found = [p / 100 for p in percents]
    if compound:
        found[1] *= 1 + found[0]
    return found


def _receipt(wire: _WireExpense) -> ReceiptRef | None:
    found = wire.attachment
    if found is None or not found.jwt:
        return None
    return ReceiptRef(attachment_id=found.id, media_type=found.media_type, reference=found.jwt)


def _missing(what: str, part: str, cause: str) -> NoReturn:
    raise unreadable.held(cause, f"{what} has no {part}, or one that FreshBooks does not know.")


def _unreadable(row: Row, error: HoldRequired) -> Unreadable:
    gone = is_deleted(row)
    stage = InvoiceStage.DELETED if gone else InvoiceStage.FINAL
    number = str(row.get("id") or "")
    return Unreadable(number, number, error.hold, _stated(row), stage, version_of(row))


def _stated(row: Row) -> Money | None:
    try:
        wire = WireMoney.model_validate(row.get("amount"))
        return Money.of(wire.amount, wire.code)
    except ValidationError:
        return None
