"""NAV's ledgers as a tie-out reads them: customer entries with tax and applications, page by page.

The cursor behind a page is the greatest entry number on it: entries are numbered as they are
posted and never change their number, so that nothing is skipped when more is posted meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from connectors.listings import CreditPage, LedgerPage, OpenCredit, Scope, SumPage
from connectors.nav.claims import Claims
from connectors.nav.company import Company
from connectors.nav.customers import Customers
from connectors.nav.group_accounts import GroupAccounts
from connectors.nav.odata import Entity
from connectors.nav.posted_taxes import PostedTaxes
from connectors.nav.spans import chunks
from connectors.nav.values import equals, option
from connectors.nav.walking import between, key_of, marks_of, walk
from documents.key import Key
from documents.ledger import BOUGHT, BookKind, LedgerLine, book_of, document_of, match_of_key
from documents.ledger_keys import generation_of, keys_of

_NEEDED = (
    "Entry_No", "Customer_No", "Document_Type", "Document_No", "Currency_Code", "Amount",
    "Amount_LCY", "Remaining_Amount", "Posting_Date", "Document_Date", "Reversed",
)  # fmt: skip
_BOOKS = {
    "Invoice": BookKind.INVOICE,
    "Credit Memo": BookKind.CREDIT_MEMO,
    "Payment": BookKind.PAYMENT,
    "Refund": BookKind.PAYMENT,
}
_DEBITS = (BookKind.INVOICE, BookKind.OTHER)


class Listing:
    """The ledgers of one company, as a `TargetLedger`."""

    listings: tuple[str, ...] = ("customer entries",)
    expense_listings: tuple[str, ...] = ("vendor entries",)
    cost_listings: tuple[str, ...] = ("bank entries",)

    def __init__(self, company: Company) -> None:
        self._company = company
        self._odata = company.odata
        self._names = company.settings.services
        self._key_field = company.settings.ledger_key_field
        self._claims = Claims(company)
        self._accounts = GroupAccounts(company)
        self._taxes = PostedTaxes(company)
        self.customers = Customers(company).of_numbers

    async def entries(
        self, listing: str, scope: Scope, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[LedgerPage]:
        """Pages of a ledger. ValueError for an unknown listing."""
        if listing in (*self.expense_listings, *self.cost_listings):
            async for claimed in self._claims.entries(listing, scope, first, last, after):
                yield claimed
            return
        if listing not in self.listings:
            raise ValueError(f"no listing {listing!r}; there is {', '.join(self.listings)}")
        service = self._names.customer_ledger_entries
        (await self._company.model()).require(service, *_NEEDED, self._key_field)
        pages = walk(self._odata, service, between(first, last), "list customer entries", after)
        async for page, cursor in pages:
            yield LedgerPage(tuple(await self._lines(page, scope)), cursor)
        yield LedgerPage(())

    async def entries_of(self, scope: Scope, match: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one document, its reversals included."""
        if document_of(match)[0] in BOUGHT:
            return await self._claims.entries_of(scope, match, generations)
        found: list[Entity] = []
        for keys in chunks({key.text() for key in keys_of(scope.tag, match, generations)}):
            clause = " or ".join(equals(self._key_field, key) for key in keys)
            found += await self._odata.find(
                self._names.customer_ledger_entries,
                operation="look again at a document",
                filters=[f"({clause})"],
            )
        return await self._lines(found, scope)

    async def adopted(self, scope: Scope, match: str, number: str) -> list[LedgerLine]:
        """The ledger of vendors lists it."""
        return []

    async def unapplied(
        self, scope: Scope, last: date, after: str = ""
    ) -> AsyncIterator[CreditPage]:
        """What is open of payments and credit memos."""
        service = self._names.customer_ledger_entries
        filters = [*between(None, last), "Open eq true"]
        pages = walk(self._odata, service, filters, "list open credits", after)
        async for page, cursor in pages:
            still_open = [e for e in page if e.number("Remaining_Amount") < 0]
            ours = [e for e in still_open if self._belongs(e, scope)]
            yield CreditPage(tuple([await self._open_credit(e, scope) for e in ours]), cursor)
        yield CreditPage(())

    async def _open_credit(self, entry: Entity, scope: Scope) -> OpenCredit:
        return OpenCredit(
            party=entry.text("Customer_No"),
            number=entry.text("Document_No"),
            currency=await self._currency(entry),
            amount=-entry.number("Remaining_Amount"),
            ours=self._key(entry, scope) is not None,
        )

    async def control_account(
        self, account: str, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[SumPage]:
        """Movements of a receivables account in local currency."""
        filters = [equals("G_L_Account_No", account), *between(first, last)]
        service = self._names.general_ledger_entries
        async for page in self._sums(service, "Amount", filters, "list general ledger", after):
            yield page

    async def subledger(
        self, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[SumPage]:
        """Movements of the customer ledger in local currency: its detailed entries, because
        those also hold exchange gains and losses."""
        service = self._names.detailed_customer_ledger_entries
        filters = between(first, last)
        async for page in self._sums(service, "Amount_LCY", filters, "list detailed", after):
            yield page

    async def _sums(
        self, service: str, field: str, filters: Sequence[str], operation: str, after: str
    ) -> AsyncIterator[SumPage]:
        (await self._company.model()).require(service, "Entry_No", "Posting_Date", field)
        currency = await self._company.local_currency()
        fields = ("Entry_No", field)
        async for page, cursor in walk(self._odata, service, filters, operation, after, fields):
            total = sum((entry.number(field) for entry in page), Decimal(0))
            yield SumPage({currency: total}, len(page), cursor)
        yield SumPage({}, 0)

    async def _lines(self, entries: Sequence[Entity], scope: Scope) -> list[LedgerLine]:
        ours = [e for e in entries if self._belongs(e, scope)]
        taxes = await self._taxes.of(ours)
        applied = await self._applied(ours, scope)
        accounts = await self._accounts.of({_group(entry) for entry in ours})
        lines = [await self._line(entry, scope, taxes, applied) for entry in ours]
        return [line._replace(account=accounts.get(line.account, "")) for line in lines]

    def _belongs(self, entry: Entity, scope: Scope) -> bool:
        group = _group(entry)
        return self._key(entry, scope) is not None or not scope.groups or group in scope.groups

    def _key(self, entry: Entity, scope: Scope) -> Key | None:
        return key_of(entry.text(self._key_field), scope)

    async def _line(
        self,
        entry: Entity,
        scope: Scope,
        taxes: Mapping[str, Decimal],
        applied: Mapping[int, list[str]],
    ) -> LedgerLine:
        key = self._key(entry, scope)
        kind = option(entry["Document_Type"])
        book = book_of(key) if key else _BOOKS.get(kind, BookKind.OTHER)
        sign = 1 if book in _DEBITS else -1
        number = int(entry.number("Entry_No"))
        tax = taxes.get(f"{kind}/{entry.text('Document_No')}")
        posted = entry.day("Posting_Date") or date.min
        return LedgerLine(
            kind=book,
            match=match_of_key(key) if key else "",
            entry=f"{number:012d}",
            number=entry.text("Document_No"),
            reference="" if key else entry.text(self._key_field),
            party=entry.text("Customer_No"),
            currency=await self._currency(entry),
            amount=entry.number("Amount") * sign,
            tax=tax,
            open_amount=entry.number("Remaining_Amount") * sign,
            day=entry.day("Document_Date") or posted,
            posted=posted,
            applied_to=" ".join(sorted(set(applied.get(number, ())))),
            base_amount=entry.number("Amount_LCY"),
            generation=generation_of(key),
            marks=marks_of(entry, key),
            account=_group(entry),
        )

    async def _currency(self, entry: Entity) -> str:
        return await self._company.iso_currency(entry.text("Currency_Code"))

    async def _applied(self, entries: Sequence[Entity], scope: Scope) -> dict[int, list[str]]:
        """What each entry on the credit side is applied to: the matches of our documents, the
        numbers of others. As in `Ledger.applications`, for a page at once."""
        settling = {int(e.number("Entry_No")) for e in entries if e.number("Amount") < 0}
        if not settling:
            return {}
        pairs = await self._pairs(settling)
        others = {other for found in pairs.values() for other in found}
        names = await self._names_of(others, entries, scope)
        return {
            number: [names[other] for other in found if other in names]
            for number, found in pairs.items()
        }

    async def _pairs(self, numbers: set[int]) -> dict[int, set[int]]:
        newer, older = "Applied_Cust_Ledger_Entry_No", "Cust_Ledger_Entry_No"
        pairs: dict[int, set[int]] = defaultdict(set)
        sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for field in (older, newer):
            async for row in self._detailed(field, min(numbers), max(numbers)):
                sides = (int(row.number(newer)), int(row.number(older)))
                for own, other in (sides, sides[::-1]):
                    if own in numbers and other not in (own, 0):
                        sums[own, other] += abs(row.number("Amount"))
        for (own, other), amount in sums.items():
            if amount:
                pairs[own].add(other)
        return pairs

    async def _detailed(self, field: str, least: int, greatest: int) -> AsyncIterator[Entity]:
        filters = [f"{field} ge {least}", f"{field} le {greatest}"]
        service = self._names.detailed_customer_ledger_entries
        async for page in self._odata.pages(service, operation="list applied", filters=filters):
            for row in page:
                if option(row["Entry_Type"]) == "Application" and row["Unapplied"] is not True:
                    yield row

    async def _names_of(
        self, numbers: set[int], known: Sequence[Entity], scope: Scope
    ) -> dict[int, str]:
        """Entries by number: the match of ours, the document number of others'."""
        entries = {int(e.number("Entry_No")): e for e in known}
        for wanted in chunks(numbers - entries.keys()):
            clause = " or ".join(f"Entry_No eq {number}" for number in wanted)
            found = await self._odata.find(
                self._names.customer_ledger_entries,
                operation="read applied entries",
                filters=[f"({clause})"],
            )
            entries |= {int(e.number("Entry_No")): e for e in found}
        return {n: self._name(entries[n], scope) for n in numbers if n in entries}

    def _name(self, entry: Entity, scope: Scope) -> str:
        key = self._key(entry, scope)
        return match_of_key(key) if key else entry.text("Document_No")


def _group(entry: Entity) -> str:
    return entry.text("Customer_Posting_Group")
