"""The books of FreshBooks as a tie-out reads them: final documents, listed by their own date."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from connectors.errors import Rejected
from connectors.freshbooks.claims import Claims, client_line
from connectors.freshbooks.client import FreshBooksClient, Place, Search
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.families import (
    BILL_PAYMENTS,
    BILLS,
    CLIENTS,
    CREDIT_NOTES,
    EXPENSES,
    INVOICES,
    PAYMENTS,
    Resource,
)
from connectors.freshbooks.marks import is_deleted, source_id
from connectors.freshbooks.models import Row
from connectors.freshbooks.payables import Payables
from connectors.freshbooks.reading import (
    read_credit_note,
    read_customer,
    read_invoice,
    read_payment,
)
from connectors.freshbooks.sales_lines import line_of_credit, line_of_invoice, line_of_payment
from connectors.listings import LedgerPage, SumPage
from connectors.ports import Unreadable
from documents.cash import CreditNote, CreditType
from documents.customer import Existence
from documents.invoice import InvoiceStage
from documents.key import Kind
from documents.ledger import BookKind, LedgerLine, Mark, document_of, match_of
from documents.listings import LISTINGS

_IN_BOOKS = (InvoiceStage.FINAL, InvoiceStage.DISPUTED)
_NEWEST_FIRST = "updated_desc"
"""What changes meanwhile moves to the front, so that later pages repeat rows and skip none."""

_EARLIEST = date(1970, 1, 1)


class FreshBooksLedger:
    """The `SourceLedger` of one account. FreshBooks ignores filters that it does not know, so the
    dates of every row are checked again here."""

    listings = ("invoice", "payment", "credit_note", "expense", "bill", "bill_payment", "customer")

    def __init__(self, client: FreshBooksClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._readers: dict[str, tuple[Resource, str, _Reading]] = {
            "invoice": (INVOICES, "create_date", lambda: _at_once(self._invoice)),
            "payment": (PAYMENTS, "date", lambda: _at_once(self._payment)),
            "credit_note": (CREDIT_NOTES, "create_date", lambda: _at_once(self._credit)),
            "expense": (EXPENSES, "date", self._expenses),
            "bill": (BILLS, "issue_date", self._bills),
            "bill_payment": (BILL_PAYMENTS, "paid_date", self._bill_payments),
            "customer": (CLIENTS, "", lambda: _at_once(self._client_card)),
        }

    async def lines(
        self, listing: str, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[LedgerPage]:
        """Pages of final documents. ValueError for an unknown listing."""
        if listing not in self._readers:
            raise ValueError(f"no listing {listing!r}; there is {', '.join(self.listings)}")
        resource, day, reading = self._readers[listing]
        read = reading()
        async for rows, behind in self._walk(resource, first, last, after):
            near = [row for row in rows if not day or _is_between(row.get(day), first, last)]
            found = [await read(row) for row in near if not is_deleted(row)]
            yield LedgerPage(tuple(line for line in found if line), _cursor(behind))

    async def line(self, match: str) -> LedgerLine | None:
        """One document as it is now; None when it is deleted, a draft, or not known."""
        kind, object_id = document_of(match)
        listing = LISTINGS[kind]
        resource, _, reading = self._readers[listing]
        row = await self._client.read(resource, object_id, include=_parts(resource))
        return None if row is None or is_deleted(row) else await reading()(row)

    async def credit(self, last: date, after: str = "") -> AsyncIterator[SumPage]:
        """What is left of credits, by currency."""
        async for rows, behind in self._walk(CREDIT_NOTES, None, last, after):
            sums: dict[str, Decimal] = {}
            notes = [read_credit_note(row) for row in rows if not is_deleted(row)]
            for note in (n for n in notes if isinstance(n, CreditNote)):
                left = note.left
                sums[left.currency] = sums.get(left.currency, Decimal(0)) + left.amount
            yield SumPage(sums, len(notes), _cursor(behind))

    async def _walk(
        self, resource: Resource, first: date | None, last: date, after: str
    ) -> AsyncIterator[tuple[list[Row], Place | None]]:
        # date_max excludes its own day.
        search: Search = (
            ("date_min", (first or _EARLIEST).isoformat()),
            ("date_max", (last + timedelta(days=1)).isoformat()),
        )
        if resource in (CLIENTS, BILLS, BILL_PAYMENTS):
            # The dates of clients mean nothing, and of bills no filter is documented.
            search = ()
        walked = self._client.walk(
            resource, _place(after), search=search, include=_parts(resource), sort=_NEWEST_FIRST
        )
        async for page in walked:
            yield page

    def _invoice(self, row: Row) -> LedgerLine | None:
        found = read_invoice(row, self._clock)
        if isinstance(found, Unreadable):
            return self._unreadable(BookKind.INVOICE, Kind.INVOICE, found, row)
        return line_of_invoice(found) if found.stage in _IN_BOOKS else None

    def _credit(self, row: Row) -> LedgerLine | None:
        """A goodwill credit is a credit memo, a prepayment a receipt; that of an over-payment
        came in with its payment and is no document of its own."""
        found = read_credit_note(row)
        if isinstance(found, Unreadable):
            return self._unreadable(BookKind.CREDIT_MEMO, Kind.CREDIT_NOTE, found, row)
        if found.type is CreditType.OVERPAYMENT or found.existence is Existence.DELETED:
            return None
        return line_of_credit(found, self._changed(row))

    def _payment(self, row: Row) -> LedgerLine | None:
        """A payment or a refund; one from credit is an application and no entry of its own."""
        try:
            found = read_payment(row, self._clock)
        except Rejected as error:
            number = source_id(row)
            unreadable = Unreadable(number, number, error.hold)
            return self._unreadable(BookKind.PAYMENT, Kind.PAYMENT, unreadable, row)
        return None if found.from_credit else line_of_payment(found)

    def _client_card(self, row: Row) -> LedgerLine | None:
        return client_line(read_customer(row))._replace(changed_at=self._changed(row))

    def _expenses(self) -> _Reader:
        claims = Claims(self._client, self._clock)

        async def read(row: Row) -> LedgerLine | None:
            found = await claims.line(row)
            if isinstance(found, Unreadable):
                return self._unreadable(BookKind.EXPENSE, Kind.EXPENSE, found, row)
            return found._replace(changed_at=self._changed(row)) if found else None

        return read

    def _bills(self) -> _Reader:
        return self._payable(Payables(self._client).bill, BookKind.BILL, Kind.BILL)

    def _bill_payments(self) -> _Reader:
        read = Payables(self._client).payment
        return self._payable(read, BookKind.BILL_PAYMENT, Kind.BILL_PAYMENT)

    def _payable(self, read: _Payable, book: BookKind, kind: Kind) -> _Reader:
        async def reader(row: Row) -> LedgerLine | None:
            found = await read(row)
            if isinstance(found, Unreadable):
                return self._unreadable(book, kind, found, row)
            return found._replace(changed_at=self._changed(row)) if found else None

        return reader

    def _unreadable(
        self, book: BookKind, kind: Kind, found: Unreadable, row: Row
    ) -> LedgerLine | None:
        if found.stage not in _IN_BOOKS:
            return None
        match = match_of(kind, found.source_id)
        days = (row.get(name) for name in ("create_date", "date", "issue_date", "paid_date"))
        day = _day(next(filter(None, days), None)) or _EARLIEST
        return LedgerLine(
            kind=book,
            match=match,
            entry=match,
            number=found.number,
            reference="",
            party=str(row.get("customerid") or row.get("clientid") or ""),
            currency=found.amount.currency if found.amount else "",
            amount=found.amount.amount if found.amount else Decimal(0),
            tax=None,
            open_amount=None,
            day=day,
            posted=day,
            marks=Mark.UNREADABLE,
            changed_at=self._changed(row),
        )

    def _changed(self, row: Row) -> datetime | None:
        try:
            return self._clock.to_utc(str(row.get("updated") or ""))
        except ValueError:
            return None


_Reader = Callable[[Row], Awaitable[LedgerLine | None]]
_Reading = Callable[[], _Reader]
_Payable = Callable[[Row], Awaitable[LedgerLine | Unreadable | None]]


def _at_once(read: Callable[[Row], LedgerLine | None]) -> _Reader:
    async def reader(row: Row) -> LedgerLine | None:
        return read(row)

    return reader


def _parts(resource: Resource) -> tuple[str, ...]:
    plain = (PAYMENTS, EXPENSES, BILLS, BILL_PAYMENTS, CLIENTS)
    return () if resource in plain else ("lines",)


def _is_between(value: object, first: date | None, last: date) -> bool:
    """A day that cannot be read is let through: the document tells of it by itself."""
    day = _day(value)
    return day is None or ((first is None or day >= first) and day <= last)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None


def _cursor(behind: Place | None) -> str:
    return f"{behind.number}.{behind.total}" if behind else ""


def _place(after: str) -> Place:
    if not after:
        return Place()
    number, total = (int(part) for part in after.split("."))
    return Place(number, total)
