"""Expenses in NAV's ledgers: what is owed to persons, and what the company's banks and cards paid.

The vendor ledger has the purchase documents of persons, the bank ledger the journals of the
company. Both know the document's own currency, which the general ledger does not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

from connectors.nav.company import Company
from connectors.nav.odata import Entity
from connectors.nav.values import option
from connectors.nav.walking import between, key_of, marks_of, walk
from connectors.ports import LedgerPage, Scope
from documents.key import Key, Kind
from documents.ledger import BookKind, LedgerLine, match_of_key

_NEEDED = (
    "Entry_No", "Document_Type", "Document_No", "External_Document_No", "Currency_Code", "Amount",
    "Amount_LCY", "Posting_Date", "Document_Date", "Reversed",
)  # fmt: skip
_OF_VENDORS = ("Vendor_No", "Remaining_Amount")
_OF_BANKS = ("Bank_Account_No", "Journal_Batch_Name")
_KINDS = (Kind.EXPENSE, Kind.EXPENSE_REVERSAL)
_DOCUMENTS = ("Invoice", "Credit Memo")


class Claims:
    """The expenses in the ledgers of one company; amounts are costs, so that what is owed or was
    spent is positive."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._odata = company.odata
        names = company.settings.services
        self._vendors, self._banks = names.vendor_ledger_entries, names.bank_account_ledger_entries
        self._batch = company.settings.general_journal.batch

    async def entries(
        self, listing: str, scope: Scope, first: date | None, last: date, after: str
    ) -> AsyncIterator[LedgerPage]:
        """Pages of what carries our keys, and of what others posted for those who claim."""
        is_owed, filters = listing == "vendor entries", between(first, last)
        if not is_owed:
            filters.append(f"Journal_Batch_Name eq '{self._batch}'")
        service = await self._service(is_owed=is_owed)
        async for page, cursor in walk(self._odata, service, filters, f"list {listing}", after):
            yield LedgerPage(tuple(await self._lines(page, scope)), cursor)
        yield LedgerPage(())

    async def entries_of(self, scope: Scope, source_id: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one expense, wherever it stands, its reversals included."""
        keys = [
            Key(tag=scope.tag, kind=kind, source_id=source_id, generation=generation).text()
            for generation in range(1, max(generations, 1) + 1)
            for kind in _KINDS
        ]
        services = [await self._service(is_owed=True)]
        if (await self._company.model()).publishes(self._banks):
            services.append(await self._service(is_owed=False))
        found: list[Entity] = []
        for service in services:
            for key in keys:
                found += await self._odata.find_equal(
                    service, operation="look again at an expense", External_Document_No=key
                )
        return await self._lines(found, scope)

    async def _service(self, *, is_owed: bool) -> str:
        service, own = (self._vendors, _OF_VENDORS) if is_owed else (self._banks, _OF_BANKS)
        (await self._company.model()).require(service, *_NEEDED, *own)
        return service

    async def _lines(self, entries: list[Entity], scope: Scope) -> list[LedgerLine]:
        found = [(entry, key_of(entry.text("External_Document_No"), scope)) for entry in entries]
        ours = [(e, k) for e, k in found if (k.kind in _KINDS if k else _is_claimed(e, scope))]
        return [await self._line(entry, key) for entry, key in ours]

    async def _line(self, entry: Entity, key: Key | None) -> LedgerLine:
        is_owed = "Vendor_No" in entry.values
        posted = entry.day("Posting_Date") or date.min
        return LedgerLine(
            kind=BookKind.EXPENSE,
            match=match_of_key(key) if key else "",
            entry=f"{int(entry.number('Entry_No')):012d} {'vendor' if is_owed else 'bank'}",
            number=entry.text("Document_No"),
            reference="" if key else entry.text("External_Document_No"),
            party=entry.text("Vendor_No") if is_owed else "",
            currency=await self._company.iso_currency(entry.text("Currency_Code")),
            amount=-entry.number("Amount"),
            # The tax that is recovered stands on lines of its own.
            tax=None,
            # The company owes itself nothing.
            open_amount=-entry.number("Remaining_Amount") if is_owed else Decimal(0),
            day=entry.day("Document_Date") or posted,
            posted=posted,
            base_amount=-entry.number("Amount_LCY"),
            generation=key.generation if key else 1,
            marks=marks_of(entry, key),
            account="" if is_owed else entry.text("Bank_Account_No"),
        )


def _is_claimed(entry: Entity, scope: Scope) -> bool:
    """What others posted: a document of the vendor account of somebody who claims."""
    if "Vendor_No" not in entry.values or entry.text("Vendor_No") not in scope.vendors:
        return False
    return option(entry["Document_Type"]) in _DOCUMENTS
