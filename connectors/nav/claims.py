"""Expenses and bills in NAV's ledgers: what is owed to persons and vendors, and what the company's
banks and cards paid.

The vendor ledger has the purchase documents and what was paid on them, the bank ledger the journals
of the company. Both know the document's own currency, which the general ledger does not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

from connectors.listings import LedgerPage, Scope
from connectors.nav.company import Company
from connectors.nav.odata import Entity
from connectors.nav.values import option
from connectors.nav.walking import between, key_of, marks_of, walk
from documents.key import Key, Kind
from documents.ledger import (
    BookKind,
    LedgerLine,
    book_kind,
    document_of,
    family_of,
    match_of_key,
)
from documents.ledger_keys import keys_of

_NEEDED = (
    "Entry_No", "Document_Type", "Document_No", "External_Document_No", "Currency_Code", "Amount",
    "Amount_LCY", "Posting_Date", "Document_Date", "Reversed",
)  # fmt: skip
_OF_VENDORS = ("Vendor_No", "Remaining_Amount")
_OF_BANKS = ("Bank_Account_No", "Journal_Batch_Name")
_OF_A_BANK = (Kind.EXPENSE,)
_OF_A_VENDOR = (Kind.EXPENSE, Kind.BILL, Kind.BILL_PAYMENT)
_DOCUMENTS = ("Invoice", "Credit Memo")


class Claims:
    """The expenses and bills in the ledgers of one company; amounts are costs, so that what is owed
    or was spent is positive."""

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

    async def entries_of(self, scope: Scope, match: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one expense, bill or payment, wherever it stands, its reversals
        included."""
        keys = [key.text() for key in keys_of(scope.tag, match, generations)]
        services = [await self._service(is_owed=True)]
        of_a_bank = document_of(match)[0] in _OF_A_BANK
        if of_a_bank and (await self._company.model()).publishes(self._banks):
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
        bought = [(e, k) for e, k in found if (_is_bought(e, k) if k else _is_told(e, scope))]
        return [await self._line(entry, key, scope) for entry, key in bought]

    async def _line(self, entry: Entity, key: Key | None, scope: Scope) -> LedgerLine:
        is_owed = _is_of_a_vendor(entry)
        kind = book_kind(key.kind) if key else _of_others(entry, scope)
        # A vendor is owed what stands with a minus, and was paid what stands without.
        sign = 1 if kind is BookKind.BILL_PAYMENT else -1
        posted = entry.day("Posting_Date") or date.min
        return LedgerLine(
            kind=kind,
            match=match_of_key(key) if key else "",
            entry=f"{int(entry.number('Entry_No')):012d} {'vendor' if is_owed else 'bank'}",
            number=entry.text("Document_No"),
            reference="" if key else entry.text("External_Document_No"),
            party=entry.text("Vendor_No") if is_owed else "",
            currency=await self._company.iso_currency(entry.text("Currency_Code")),
            amount=sign * entry.number("Amount"),
            # The tax that is recovered stands on lines of its own.
            tax=None,
            # The company owes itself nothing.
            open_amount=sign * entry.number("Remaining_Amount") if is_owed else Decimal(0),
            day=entry.day("Document_Date") or posted,
            posted=posted,
            base_amount=sign * entry.number("Amount_LCY"),
            generation=key.generation if key else 1,
            marks=marks_of(entry, key),
            account="" if is_owed else entry.text("Bank_Account_No"),
        )


def _is_of_a_vendor(entry: Entity) -> bool:
    return "Vendor_No" in entry.values


def _is_bought(entry: Entity, key: Key) -> bool:
    """A bank entry of a payment is the other side of its vendor entry."""
    kinds = _OF_A_VENDOR if _is_of_a_vendor(entry) else _OF_A_BANK
    return family_of(key.kind) in kinds


def _is_told(entry: Entity, scope: Scope) -> bool:
    """Of what others posted: the documents of vendors who are in the scope."""
    if not _is_of_a_vendor(entry) or option(entry["Document_Type"]) not in _DOCUMENTS:
        return False
    return scope.bills or entry.text("Vendor_No") in scope.vendors


def _of_others(entry: Entity, scope: Scope) -> BookKind:
    """On the account of somebody who claims it is an expense."""
    is_claimed = entry.text("Vendor_No") in scope.vendors
    return BookKind.EXPENSE if is_claimed else BookKind.BILL
