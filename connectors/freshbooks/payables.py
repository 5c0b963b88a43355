"""Bills of FreshBooks and their payments as lines of its books."""

from __future__ import annotations

from connectors.errors import Rejected
from connectors.freshbooks.bills import Bills, read_bill_payment
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.families import BILLS
from connectors.freshbooks.marks import is_deleted, source_id
from connectors.freshbooks.models import Row
from connectors.ports import Unreadable
from documents.bill import BillVendor
from documents.hold import HoldRequired
from documents.key import Kind
from documents.ledger import Billed, BookKind, LedgerLine, match_of


class Payables:
    """Makes lines of the rows of one listing; a bill that several payments name is read once."""

    def __init__(self, client: FreshBooksClient) -> None:
        self._client = client
        self._bills = Bills(client)
        self._billed: dict[str, Billed | None] = {}
        self._vendors: dict[str, BillVendor] = {}

    async def bill(self, row: Row) -> LedgerLine | Unreadable:
        """A bill by its total; the lines of it are proved by its process."""
        try:
            stated = self._bills.stated(row)
            vendor = await self._vendor(row)
        except HoldRequired as error:
            return _unreadable(row, error)
        match = match_of(Kind.BILL, source_id(row))
        return LedgerLine(
            kind=BookKind.BILL,
            match=match,
            entry=match,
            number=stated.number or source_id(row),
            reference="",
            party="",
            currency=stated.total.currency,
            amount=stated.total.amount,
            tax=None,
            open_amount=stated.outstanding.amount,
            day=stated.day,
            posted=stated.day,
            billed=Billed(vendor, stated.day),
        )

    async def payment(self, row: Row) -> LedgerLine | Unreadable | None:
        """What was paid on a bill; None when the bill itself is gone."""
        try:
            payment = read_bill_payment(row)
            billed = await self._of_bill(payment.bill_id)
        except Rejected as error:
            return Unreadable(source_id(row), source_id(row), error.hold)
        except HoldRequired as error:
            return _unreadable(row, error)
        if billed is None:
            return None
        match = match_of(Kind.BILL_PAYMENT, payment.source_id)
        return LedgerLine(
            kind=BookKind.BILL_PAYMENT,
            match=match,
            entry=match,
            number=payment.source_id,
            reference=payment.bill_id,
            party="",
            currency=payment.amount.currency,
            amount=payment.amount.amount,
            tax=None,
            # What it settles is told by what is open of its bill.
            open_amount=None,
            day=payment.date,
            posted=payment.date,
            billed=billed,
        )

    async def _of_bill(self, bill_id: str) -> Billed | None:
        if bill_id not in self._billed:
            row = await self._client.read(BILLS, bill_id)
            if row is None or is_deleted(row):
                self._billed[bill_id] = None
            else:
                day = self._bills.stated(row).day
                self._billed[bill_id] = Billed(await self._vendor(row), day)
        return self._billed[bill_id]

    async def _vendor(self, row: Row) -> BillVendor:
        vendor_id = str(row.get("vendorid") or "")
        if vendor_id not in self._vendors:
            what = f"Bill {row.get('bill_number') or row.get('id')}"
            self._vendors[vendor_id] = await self._bills.vendor(what, vendor_id)
        return self._vendors[vendor_id]


def _unreadable(row: Row, error: HoldRequired) -> Unreadable:
    number = str(row.get("bill_number") or source_id(row))
    return Unreadable(source_id(row), number, error.hold)
