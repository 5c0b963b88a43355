"""Bills of FreshBooks with their vendor, and what was paid on them (reference, 5.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, ValidationError

from connectors.errors import Rejected
from connectors.freshbooks import unreadable
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.currencies import CURRENCIES
from connectors.freshbooks.errors import SYSTEM
from connectors.freshbooks.families import BILL_PAYMENTS, BILL_VENDORS, BILLS, CATEGORIES
from connectors.freshbooks.marks import is_deleted, version_of
from connectors.freshbooks.models import (
    Id,
    Number,
    OptionalDate,
    Percent,
    Row,
    Text,
    Wire,
    WireMoney,
)
from connectors.ports import Unreadable
from documents.bill import Bill, BillLine, BillPayment, BillVendor
from documents.customer import Existence
from documents.hold import HoldRequired
from documents.invoice import InvoiceStage
from documents.money import Money, smallest_unit
from documents.record import TaxTotal


class _WireLine(Wire):
    """A line of a bill; unlike those of invoices it is in snake case, with tax amounts."""

    categoryid: Id = ""
    description: Text = ""
    quantity: Number = Decimal(1)
    unit_cost: WireMoney
    amount: WireMoney | None = None
    tax_name1: Text = ""
    tax_name2: Text = ""
    tax_percent1: Percent = Decimal(0)
    tax_percent2: Percent = Decimal(0)
    tax_amount1: WireMoney | None = None
    tax_amount2: WireMoney | None = None


class _WireBill(Wire):
    id: Id
    vendorid: Id = ""
    bill_number: Text = ""
    issue_date: OptionalDate = None
    due_date: OptionalDate = None
    currency_code: Text = ""
    total_amount: WireMoney
    outstanding: WireMoney | None = None
    lines: Annotated[tuple[_WireLine, ...], BeforeValidator(lambda lines: lines or ())] = ()


class _WireVendor(Wire):
    vendorid: Id
    vendor_name: Text = ""
    account_number: Text = ""


class _WirePayment(Wire):
    id: Id
    billid: Id
    amount: WireMoney
    paid_date: OptionalDate = None
    payment_type: Text = ""


class StatedBill(NamedTuple):
    """A bill without its lines."""

    number: str
    day: date
    total: Money
    outstanding: Money


class Bills:
    """Reads the bills of one account and their payments."""

    def __init__(self, client: FreshBooksClient) -> None:
        self._client = client

    async def read(self, bill_id: str) -> Bill | Unreadable | None:
        """The bill as it is now; Unreadable with the hold when it lacks something or does not add
        up; None when FreshBooks does not know it."""
        row = await self._client.read(BILLS, bill_id)
        if row is None:
            return None
        try:
            return await self._bill(row)
        except HoldRequired as error:
            return _unreadable(row, error)

    async def payments(self, bill_id: str) -> list[BillPayment]:
        """The payments of a bill that are not deleted, by date and id. Rejected when one of them
        cannot be read: the others alone would be wrong."""
        found: dict[str, BillPayment] = {}
        async for page in self._client.pages(BILL_PAYMENTS, search=(("billid", bill_id),)):
            # FreshBooks documents no filter of bill payments, and ignores those it does not know.
            ours = [row for row in page if str(row.get("billid")) == bill_id]
            found |= {p.source_id: p for p in map(read_bill_payment, ours)}
        kept = [p for p in found.values() if p.existence is not Existence.DELETED]
        return sorted(kept, key=lambda p: (p.date, len(p.source_id), p.source_id))

    async def _bill(self, row: Row) -> Bill:
        what, wire = _what(row), _validated(_what(row), row)
        total = _total(what, wire)
        lines = tuple([await self._line(what, n, total.currency, line) for n, line in _told(wire)])
        if not lines:
            raise unreadable.no_lines(what)
        stated = self.stated(row)
        found = Money.total((line.gross for line in lines), total.currency)
        if found.amount != total.amount:
            raise unreadable.does_not_add_up(what, found, total)
        return Bill(
            source_id=wire.id,
            number=stated.number,
            vendor=await self.vendor(what, wire.vendorid),
            document_date=stated.day,
            due_date=wire.due_date,
            lines=lines,
            total=total,
            outstanding=stated.outstanding,
            existence=wire.existence,
            version=version_of(row),
        )

    async def _line(self, what: str, number: int, currency: str, wire: _WireLine) -> BillLine:
        where = f"line {number} of {what.lower()}"
        for part in (wire.unit_cost, wire.amount, wire.tax_amount1, wire.tax_amount2):
            if part is not None and part.code not in ("", currency):
                raise unreadable.mixed_currencies(what, currency, where, part.code)
        net = Money.of(wire.quantity * wire.unit_cost.amount, currency).rounded()
        if wire.amount is not None and wire.amount.amount != net.amount:
            raise unreadable.does_not_add_up(
                where.capitalize(), net, Money.of(wire.amount.amount, currency)
            )
        return BillLine(
            line_id=str(number),
            category_id=wire.categoryid,
            category=await self._category(where.capitalize(), wire.categoryid),
            description=wire.description.strip(),
            net=net,
            taxes=tuple(_taxes(where.capitalize(), wire, net)),
        )

    async def _category(self, where: str, category_id: str) -> str:
        row = await self._client.read(CATEGORIES, category_id) if category_id else None
        if row is None or not row.get("category"):
            raise unreadable.held(
                "no-category", f"{where} has no category, or one that FreshBooks does not know."
            )
        return str(row["category"])

    @staticmethod
    def stated(row: Row) -> StatedBill:
        """What a bill says of itself as a whole. HoldRequired when it cannot be read."""
        what, wire = _what(row), _validated(_what(row), row)
        total = _total(what, wire)
        if wire.issue_date is None:
            raise unreadable.no_date(what)
        outstanding = wire.outstanding.amount if wire.outstanding else total.amount
        left = Money.of(outstanding, total.currency)
        return StatedBill(wire.bill_number.strip(), wire.issue_date, total, left)

    async def vendor(self, what: str, vendor_id: str) -> BillVendor:
        """Who sent a bill. HoldRequired when nobody knows."""
        row = await self._client.read(BILL_VENDORS, vendor_id) if vendor_id else None
        if row is None:
            raise unreadable.held(
                "no-vendor", f"{what} has no vendor, or one that FreshBooks does not know."
            )
        wire = _WireVendor.model_validate(row)
        return BillVendor(
            source_id=wire.vendorid,
            name=wire.vendor_name.strip(),
            account_number=wire.account_number.strip(),
        )


def _told(wire: _WireBill) -> Iterator[tuple[int, _WireLine]]:
    """Lines with their place; one that says nothing and costs nothing is no line."""
    lines = (line for line in wire.lines if line.unit_cost.amount and line.quantity)
    return enumerate(lines, 1)


def _validated(what: str, row: Row) -> _WireBill:
    try:
        return _WireBill.model_validate(row)
    except ValidationError as error:
        # Not chained: the text of the cause quotes the whole object.
        raise unreadable.malformed(what, error) from None


def _total(what: str, wire: _WireBill) -> Money:
    code = wire.currency_code or wire.total_amount.code
    if code not in CURRENCIES:
        raise unreadable.unknown_currency(what, code)
    if wire.total_amount.code not in ("", code):
        raise unreadable.mixed_currencies(what, code, "its total", wire.total_amount.code)
    total = Money.of(wire.total_amount.amount, code)
    if not total.is_exact:
        raise unreadable.too_many_decimals(what, format(total.amount, "f"), code)
    if total.amount <= 0:
        raise unreadable.held(
            "amount-not-positive",
            f"{what} is over {total}: a bill is over more than nothing, a vendor's credit is none.",
            amount=str(total),
        )
    return total


def _taxes(where: str, wire: _WireLine, net: Money) -> Iterator[TaxTotal]:
    """Each tax of a line with its amount: as stated and proved, or computed."""
    first = (wire.tax_name1, wire.tax_percent1, wire.tax_amount1)
    second = (wire.tax_name2, wire.tax_percent2, wire.tax_amount2)
    for name, percent, stated in (first, second):
        if not percent and not (stated and stated.amount):
            continue
        computed = (net * (percent / 100)).rounded()
        amount = Money.of(stated.amount, net.currency) if stated else computed
        if percent and abs((amount - computed).amount) > smallest_unit(net.currency):
            raise unreadable.does_not_add_up(where, computed, amount)
        yield TaxTotal(name=name or "tax", percent=percent, basis=net, amount=amount)


def _what(row: Row) -> str:
    return f"Bill {row.get('bill_number') or row.get('id')}"


def read_bill_payment(row: Row) -> BillPayment:
    """A payment of a bill. Rejected with the hold when it cannot be read."""
    what = f"Payment {row.get('id')} of bill {row.get('billid')}"
    try:
        wire = _WirePayment.model_validate(row)
    except ValidationError as error:
        hold = unreadable.malformed(what, error).hold
        raise Rejected(SYSTEM, "read bill payment", hold) from None
    if wire.paid_date is None:
        raise Rejected(SYSTEM, "read bill payment", unreadable.no_date(what).hold)
    return BillPayment(
        source_id=wire.id,
        bill_id=wire.billid,
        amount=Money.of(wire.amount.amount, wire.amount.code),
        date=wire.paid_date,
        type=wire.payment_type,
        existence=wire.existence,
        version=version_of(row),
    )


def _unreadable(row: Row, error: HoldRequired) -> Unreadable:
    stage = InvoiceStage.DELETED if is_deleted(row) else InvoiceStage.FINAL
    number = str(row.get("bill_number") or row.get("id") or "")
    source_id = str(row.get("id") or "")
    return Unreadable(source_id, number, error.hold, _stated(row), stage, version_of(row))


def _stated(row: Row) -> Money | None:
    try:
        wire = WireMoney.model_validate(row.get("total_amount"))
        return Money.of(wire.amount, wire.code)
    except ValidationError:
        return None
