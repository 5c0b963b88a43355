"""Vendor ledger entries: what is owed to vendors, and how much of it is still open."""

from __future__ import annotations

from datetime import date

from connectors.nav.company import Company
from connectors.nav.ledger import is_our_key
from connectors.nav.odata import Entity
from connectors.nav.values import equals, option
from connectors.spans import shifted
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures

_FIELDS = (
    "Entry_No",
    "Vendor_No",
    "Document_Type",
    "Document_No",
    "External_Document_No",
    "Currency_Code",
    "Amount",
    "Remaining_Amount",
    "Posting_Date",
    "Reversed",
)

_CLOSED_BY = "Closed_by_Entry_No"


class Payables:
    """Reads the vendor ledger of one company; amounts leave here as positive magnitudes."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._service = company.settings.services.vendor_ledger_entries

    async def by_document(self, number: str, document_type: str) -> Entity | None:
        """The entry of a posted document."""
        await self._page()
        found = await self._company.odata.find_equal(
            self._service, operation="read payable by document", Document_No=number
        )
        return next((e for e in found if option(e["Document_Type"]) == document_type), None)

    async def remaining(self, entry: Entity) -> Money:
        """What is still owed."""
        return await self.magnitude(entry, "Remaining_Amount")

    async def is_unpaid(self, entry: Entity) -> bool:
        """Whether a credit memo closed it and no payment; False where the page does not tell."""
        closer = entry.values.get(_CLOSED_BY)
        if entry.number("Remaining_Amount") or not closer:
            return False
        found = await self._company.odata.find_equal(
            self._service, operation="read what closed a payable", Entry_No=closer
        )
        return any(option(e["Document_Type"]) == "Credit Memo" for e in found)

    async def magnitude(self, entry: Entity, field: str) -> Money:
        """An amount of an entry without its sign."""
        currency = await self._company.iso_currency(entry.text("Currency_Code"))
        return Money.of(abs(entry.number(field)), currency)

    async def of_vendor(self, vendor: str, number: str) -> list[str]:
        """Documents that stand under a vendor's own number, not reversed: keys of ours are none."""
        await self._page()
        found = await self._company.odata.find_equal(
            self._service,
            operation="find payable by the vendor's number",
            Vendor_No=vendor,
            External_Document_No=number,
        )
        owed = (e for e in found if option(e["Document_Type"]) in ("Invoice", ""))
        return sorted(e.text("Document_No") for e in owed if e["Reversed"] is not True)

    async def similar(self, vendor: str, amount: Money, on: date, days: int) -> list[Posting]:
        """Invoices of a vendor near a date with this amount and currency, without our key."""
        code = await self._company.nav_currency(amount.currency)
        await self._page()
        found = await self._company.odata.find(
            self._service,
            operation="find similar payables",
            filters=[
                equals("Vendor_No", vendor),
                equals("Currency_Code", code),
                f"Posting_Date ge {shifted(on, -days)}",
                f"Posting_Date le {shifted(on, days)}",
            ],
            orderby="Entry_No",
        )
        return [await self._foreign(e) for e in found if _resembles(e, abs(amount.amount))]

    async def by_number(self, key: Key, number: str) -> Posting:
        """What a vendor is owed under a number of NAV's, whatever it was posted by: the lines of a
        journal have no purchase document."""
        entry = await self.by_document(number, "Invoice")
        if entry is None:
            return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)
        found = await self._foreign(entry)
        return found.model_copy(
            update={
                "key": key.text(),
                "kind": key.kind,
                "state": PostingState.REVERSED if entry["Reversed"] is True else found.state,
                "unpaid": await self.is_unpaid(entry),
            }
        )

    async def _foreign(self, entry: Entity) -> Posting:
        total = await self.magnitude(entry, "Amount")
        return Posting(
            key=entry.text("External_Document_No"),
            kind=Kind.EXPENSE,
            state=PostingState.POSTED,
            number=entry.text("Document_No"),
            party=entry.text("Vendor_No"),
            figures=Figures(net=total, tax=Money.zero(total.currency), total=total),
            remaining=await self.remaining(entry),
            posting_date=entry.day("Posting_Date"),
        )

    async def _page(self) -> None:
        (await self._company.model()).require(self._service, *_FIELDS)


def _resembles(entry: Entity, amount: object) -> bool:
    return (
        entry["Reversed"] is not True
        and option(entry["Document_Type"]) in ("Invoice", "")
        and abs(entry.number("Amount")) == amount
        and not is_our_key(entry.text("External_Document_No"))
    )
