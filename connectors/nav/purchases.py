"""Purchase documents: an invoice or credit memo of a vendor, from empty draft to posted."""

from __future__ import annotations

from connectors.errors import Unavailable, after_write
from connectors.nav.company import Company
from connectors.nav.errors import SYSTEM
from connectors.nav.ledger import Ledger
from connectors.nav.metadata import PageType
from connectors.nav.odata import Entity
from connectors.nav.payables import Payables
from connectors.nav.sales import SalesDocuments
from documents.key import Key
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord

INVOICE, CREDIT_MEMO = "purchase_invoice", "purchase_credit_memo"
PURCHASE_ENTITIES = (INVOICE, CREDIT_MEMO)
_TYPES = {INVOICE: "Invoice", CREDIT_MEMO: "Credit Memo"}
_KEY_FIELDS = {INVOICE: "Vendor_Invoice_No", CREDIT_MEMO: "Vendor_Cr_Memo_No"}
_POSTED = "Posted"
_KEYED = ("No", "Buy_from_Vendor_No", "Posting_Date", "Currency_Code")


class PurchaseDocuments(SalesDocuments):
    """Drafts and posted documents of one kind that carry our key as the vendor's own number.

    NAV itself refuses a second posting of a vendor with the same number (reference, section 6),
    and copies it into the ledger. Filling a draft is the same as for sales documents.
    """

    def __init__(self, company: Company, ledger: Ledger, payables: Payables, entity: str) -> None:
        super().__init__(company, ledger)
        self._payables = payables
        self._entity = entity
        self._key_field = _KEY_FIELDS[entity]

    async def create(self, key: Key, entity: str, record: MappedRecord) -> Posting:
        """Make the draft equal to the record and return it with NAV's own figures.

        A document that is posted already is returned as it is.
        """
        operation = f"create {entity}"
        wanted = await self._wanted(key, entity, record, operation)
        answer = await self._company.codeunit.call(
            "CreatePurchaseDocument",
            operation,
            documentType=_TYPES[entity],
            externalKey=key.text(),
            vendorNo=record.header["Buy_from_Vendor_No"],
            state="",
        )
        with after_write(SYSTEM, operation):
            if answer.get("state") == _POSTED:
                return await self.lookup(key, entity)
            return await self._fill(key, entity, answer.get("return_value", ""), wanted, operation)

    async def post(self, key: Key, entity: str) -> Posting:
        """Post the draft; a key that is posted already gives its existing number."""
        operation = f"post {entity}"
        await self._company.codeunit.call(
            "PostPurchaseDocument", operation, documentType=_TYPES[entity], externalKey=key.text()
        )
        with after_write(SYSTEM, operation):
            posted = await self._posted(key, entity)
            if len(posted) != 1:
                raise Unavailable(SYSTEM, operation, f"{len(posted)} posted documents have the key")
            return await self._posting(key, entity, posted[0])

    async def _draft_posting(self, key: Key, entity: str, header: Entity) -> Posting:
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.CREATED,
            number=header.text("No"),
            party=header.text("Buy_from_Vendor_No"),
            figures=await self._figures(entity, header),
            posting_date=header.day("Posting_Date"),
        )

    async def _posting(self, key: Key, entity: str, header: Entity) -> Posting:
        number = header.text("No")
        entry = await self._payables.by_document(number, _TYPES[entity])
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.POSTED,
            number=number,
            party=header.text("Buy_from_Vendor_No"),
            figures=await self._posted_figures(header, entry),
            remaining=await self._payables.remaining(entry) if entry else None,
            posting_date=header.day("Posting_Date"),
            unpaid=entry is not None and await self._payables.is_unpaid(entry),
        )

    async def _posted_figures(self, header: Entity, entry: Entity | None) -> Figures:
        if "Amount_Including_VAT" in header.values:
            return await self._sum([header], header)
        if entry is None:
            raise Unavailable(SYSTEM, "look up posted document", "it has no amount and no entry")
        total = await self._payables.magnitude(entry, "Amount")
        return Figures(net=total, tax=Money.zero(total.currency), total=total)

    async def _page(self, entity: str) -> tuple[str, PageType]:
        _, page, service = await self._company.entity(entity)
        (await self._company.model()).require(service, *self._keyed())
        return service, page

    async def _posted(self, key: Key, entity: str) -> list[Entity]:
        service = self._posted_service(entity)
        (await self._company.model()).require(service, *self._keyed())
        return await self._odata.find_equal(
            service, operation=f"look up posted {entity}", **{self._key_field: key.text()}
        )

    def _keyed(self) -> tuple[str, ...]:
        return (*_KEYED, self._key_field)

    def _posted_service(self, entity: str) -> str:
        names = self._company.settings.services
        if entity == CREDIT_MEMO:
            return names.posted_purchase_credit_memo
        return names.posted_purchase_invoice
