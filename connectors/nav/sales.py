"""Sales documents: an invoice, order or credit memo from empty draft to posted document."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.errors import Conflict, Misconfigured, Rejected, Unavailable, after_write
from connectors.nav.company import Company
from connectors.nav.errors import SAME_KEY, SYSTEM
from connectors.nav.ledger import Ledger, duplicate
from connectors.nav.metadata import PageType
from connectors.nav.odata import Entity
from connectors.nav.record import Body, changes, entity_of, ready, without_key
from connectors.nav.settings import SALES_ENTITIES
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import CodeTax, FieldValue, Figures, MappedRecord

_TYPES = {"invoice": "Invoice", "order": "Order", "credit_memo": "Credit Memo"}
_INVOICED = (Kind.INVOICE, Kind.INVOICE_REVERSAL, Kind.CREDIT_NOTE)
_POSTED = "Posted"
_AMOUNTS = ("Amount", "Amount_Including_VAT")
_KEYED = ("No", "Sell_to_Customer_No", "Posting_Date", "Currency_Code")


@dataclass(frozen=True)
class _Wanted:
    """A record as it shall stand in NAV: header, and lines by their line number; and the tax codes
    that NAV's own tax is asked for."""

    header: Body
    codes: tuple[CodeTax, ...]
    lines: dict[int, Body]


class SalesDocuments:
    """Drafts and posted documents of one company that carry our key.

    Creating is safe to repeat at any point: the codeunit returns the draft or posted number it
    knows for a key, fields are changed only under their tag, and every line has a number of its
    own, so that a second insert of it is refused.
    """

    def __init__(self, company: Company, ledger: Ledger) -> None:
        self._company = company
        self._odata = company.odata
        self._ledger = ledger
        self._key_field = company.settings.sales_key_field

    async def lacking(self) -> list[str]:
        """What the line pages do not show of NAV's amounts, by which tax is compared by code."""
        found: list[str] = []
        settings, schema = self._company.settings, await self._company.schema()
        made = {settings.entities[kind] for kind in _INVOICED}
        for name in (f"{entity}.line" for entity in SALES_ENTITIES if entity in made):
            if settings.tax_by_code and name in schema.entities:
                _, page, part = await self._company.entity(name)
                try:
                    page.require(part, *_AMOUNTS)
                except Misconfigured as error:
                    found.append(f"{error.message}; or set target.tax_by_code to false")
        return found

    async def lookup(self, key: Key, entity: str) -> Posting:
        """Our document: drafts first, then posted ones; several are held."""
        drafts = await self._drafts(key, entity)
        posted = await self._posted(key, entity)
        if drafts and posted:
            # It may have been posted between the two reads.
            drafts = await self._drafts(key, entity)
        found = [*drafts, *posted]
        if len(found) > 1:
            raise duplicate(f"look up {entity}", key, (e.text("No") for e in found))
        if posted:
            return await self._posting(key, entity, posted[0])
        if drafts:
            return await self._draft_posting(key, entity, drafts[0])
        return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)

    async def by_number(self, key: Key, entity: str, number: str) -> Posting:
        """The posted document with NAV's own number, else an entry of that number that was
        posted without a sales document (an opening entry)."""
        found = await self._numbered(entity, number)
        if found:
            return await self._posting(key, entity, found[0])
        return await self._ledger.by_number(key, number)

    async def is_document(self, entity: str, number: str) -> bool:
        """Whether a number is that of a posted sales document."""
        return bool(await self._numbered(entity, number))

    async def _numbered(self, entity: str, number: str) -> list[Entity]:
        service = self._posted_service(entity)
        return await self._odata.find_equal(service, operation=f"look up {entity}", No=number)

    async def create(self, key: Key, entity: str, record: MappedRecord) -> Posting:
        """Make the draft equal to the record and return it with NAV's own figures.

        A document that is posted already is returned as it is.
        """
        operation = f"create {entity}"
        wanted = await self._wanted(key, entity, record, operation)
        answer = await self._company.codeunit.call(
            "CreateSalesDocument",
            operation,
            documentType=_TYPES[entity],
            externalKey=key.text(),
            customerNo=record.header["Sell_to_Customer_No"],
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
            "PostSalesDocument", operation, documentType=_TYPES[entity], externalKey=key.text()
        )
        with after_write(SYSTEM, operation):
            posted = await self._posted(key, entity)
            if len(posted) != 1:
                raise Unavailable(SYSTEM, operation, f"{len(posted)} posted documents have the key")
            return await self._posting(key, entity, posted[0])

    async def discard(self, key: Key, entity: str) -> None:
        """Delete the draft with its lines; nothing when there is none."""
        service, page = await self._page(entity)
        for draft in await self._drafts(key, entity):
            address = page.address(service, draft.values)
            await self._odata.delete(address, draft.etag, operation=f"discard {entity}")

    async def _wanted(self, key: Key, entity: str, record: MappedRecord, operation: str) -> _Wanted:
        settings = self._company.settings
        schema = await self._company.schema()
        headers = entity_of(schema.entities, record.entity, entity, operation)
        page = (await self._company.entity(entity))[1]
        lines, line_page, part = await self._company.entity(f"{entity}.line")
        codes = record.taxes if settings.tax_by_code else ()
        if codes:
            line_page.require(part, *_AMOUNTS)
        values = await self._company.in_nav_currency(
            without_key(record.header, self._key_field, key.text(), operation)
        )
        return _Wanted(
            header=ready(headers, page, values, settings, operation=operation),
            codes=codes,
            lines={
                number * settings.line_step: ready(
                    lines, line_page, line, settings, operation=operation
                )
                for number, line in enumerate(_numbered(record), start=1)
            },
        )

    async def _fill(
        self, key: Key, entity: str, number: str, wanted: _Wanted, operation: str
    ) -> Posting:
        service, page = await self._page(entity)
        found = await self._odata.find_equal(service, operation=operation, No=number)
        if not found:
            raise Conflict(SYSTEM, operation, "the draft went away while it was being filled")
        address = page.address(service, found[0].values)
        lacking = changes(found[0], wanted.header)
        if lacking:
            await self._odata.update(address, found[0].etag, lacking, operation=operation)
        await self._match_lines(entity, address, wanted.lines, operation)
        header = await self._odata.read(address, operation=operation)
        draft = await self._draft_posting(key, entity, header)
        if not wanted.codes or draft.figures is None:
            return draft
        taxes = await self._line_taxes(entity, address, draft.figures.total.currency)
        return draft.model_copy(update={"taxes": _by_code(wanted.codes, taxes)})

    async def _match_lines(
        self, entity: str, address: str, wanted: dict[int, Body], operation: str
    ) -> None:
        _, page, part = await self._company.entity(f"{entity}.line")
        collection = f"{address}/{part}"
        found = await self._odata.find(collection, operation=operation)
        present = {int(line.number("Line_No")): line for line in found}
        for number, line in present.items():
            await self._match_line(collection, page, line, wanted.get(number), operation)
        for number, body in wanted.items():
            if number not in present:
                await self._insert_line(collection, {"Line_No": number, **body}, operation)

    async def _match_line(
        self, collection: str, page: PageType, line: Entity, body: Body | None, operation: str
    ) -> None:
        address = page.address(collection, line.values)
        if body is None:
            await self._odata.delete(address, line.etag, operation=operation)
            return
        lacking = changes(line, body)
        if lacking:
            await self._odata.update(address, line.etag, lacking, operation=operation)

    async def _insert_line(self, collection: str, body: Body, operation: str) -> None:
        try:
            await self._odata.create(collection, body, operation=operation)
        except Rejected as error:
            if error.code != SAME_KEY:
                raise
            # An earlier attempt was carried out late: compare its line at the next try.
            raise Conflict(SYSTEM, operation, "the line exists meanwhile", code=SAME_KEY) from error

    async def _drafts(self, key: Key, entity: str) -> list[Entity]:
        service, _ = await self._page(entity)
        return await self._odata.find_equal(
            service, operation=f"look up {entity} draft", **{self._key_field: key.text()}
        )

    async def _posted(self, key: Key, entity: str) -> list[Entity]:
        service = self._posted_service(entity)
        (await self._company.model()).require(service, *_KEYED, self._key_field)
        return await self._odata.find_equal(
            service, operation=f"look up posted {entity}", **{self._key_field: key.text()}
        )

    async def _draft_posting(self, key: Key, entity: str, header: Entity) -> Posting:
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.CREATED,
            number=header.text("No"),
            party=header.text("Sell_to_Customer_No"),
            figures=await self._figures(entity, header),
            posting_date=header.day("Posting_Date"),
        )

    async def _posting(self, key: Key, entity: str, header: Entity) -> Posting:
        number = header.text("No")
        kind = "Credit Memo" if entity == "credit_memo" else "Invoice"
        entry = await self._ledger.by_document(number, kind)
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.POSTED,
            number=number,
            party=header.text("Sell_to_Customer_No"),
            figures=await self._posted_figures(header, entry),
            remaining=await self._ledger.remaining(entry) if entry else None,
            posting_date=header.day("Posting_Date"),
            applied_to=await self._settles(kind, entry),
        )

    async def _settles(self, kind: str, entry: Entity | None) -> tuple[str, ...]:
        if entry is None or kind == "Invoice":
            return ()
        return await self._ledger.applied_to(entry)

    async def _posted_figures(self, header: Entity, entry: Entity | None) -> Figures:
        if "Amount_Including_VAT" in header.values:
            return await self._sum([header], header)
        if entry is None:
            raise Unavailable(SYSTEM, "look up posted document", "it has no amount and no entry")
        total = await self._ledger.magnitude(entry, "Amount")
        return Figures(net=total, tax=Money.zero(total.currency), total=total)

    async def _figures(self, entity: str, header: Entity) -> Figures:
        """NAV's own figures, from the header or, where the page does not show them, its lines."""
        if "Amount_Including_VAT" in header.values:
            return await self._sum([header], header)
        service, page = await self._page(entity)
        return await self._sum(
            await self._lines(entity, page.address(service, header.values)), header
        )

    async def _lines(self, entity: str, address: str) -> list[Entity]:
        """The lines of a draft, with NAV's own amounts."""
        _, page, part = await self._company.entity(f"{entity}.line")
        page.require(part, *_AMOUNTS)
        return await self._odata.find(f"{address}/{part}", operation=f"read {entity} lines")

    async def _line_taxes(self, entity: str, address: str, currency: str) -> list[Money]:
        """NAV's own tax of each line, in the order of the lines."""
        lines = await self._lines(entity, address)
        lines.sort(key=lambda line: line.number("Line_No"))
        taxes = ((line.number("Amount_Including_VAT") - line.number("Amount")) for line in lines)
        return [Money.of(tax, currency) for tax in taxes]

    async def _sum(self, parts: list[Entity], header: Entity) -> Figures:
        currency = await self._company.iso_currency(header.text("Currency_Code"))
        net = Money.total((Money.of(p.number("Amount"), currency) for p in parts), currency)
        gross = (Money.of(p.number("Amount_Including_VAT"), currency) for p in parts)
        total = Money.total(gross, currency)
        return Figures(net=net, tax=total - net, total=total)

    async def _page(self, entity: str) -> tuple[str, PageType]:
        _, page, service = await self._company.entity(entity)
        (await self._company.model()).require(service, *_KEYED, self._key_field)
        return service, page

    def _posted_service(self, entity: str) -> str:
        names = self._company.settings.services
        if entity == "credit_memo":
            return names.posted_sales_credit_memo
        return names.posted_sales_invoice


def _by_code(codes: tuple[CodeTax, ...], taxes: list[Money]) -> dict[str, Money]:
    """The tax of each code, from that of each line."""
    return {
        each.code: Money.total((taxes[n - 1] for n in each.lines), each.tax.currency)
        for each in codes
        if max(each.lines) <= len(taxes)
    }


def _numbered(record: MappedRecord) -> list[dict[str, FieldValue]]:
    """The lines without numbers of their own: their position gives the number."""
    return [{n: v for n, v in line.items() if n != "Line_No"} for line in record.lines]
