"""Journal lines: payments, refunds and invoices that are posted through a journal batch."""

from __future__ import annotations

from connectors.errors import Conflict, Unavailable, after_write
from connectors.nav.company import Company
from connectors.nav.cost_journal import unseen
from connectors.nav.errors import SYSTEM
from connectors.nav.ledger import Ledger, duplicate
from connectors.nav.odata import Entity
from connectors.nav.record import Body, changes, entity_of, ready, without_key
from connectors.nav.settings import JournalBatch
from documents.key import Key
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord

_POSTED = "Posted"


class JournalEntries:
    """Lines of our own journal batches, and the ledger entries they become.

    NAV checks nothing against paying twice, so a line is only ever made by the codeunit, which
    reserves one line per key under a lock and answers with the posted state of a known key.
    """

    def __init__(self, company: Company, ledger: Ledger) -> None:
        self._company = company
        self._odata = company.odata
        self._ledger = ledger
        self._key_field = company.settings.journal_key_field

    async def lookup(self, key: Key, entity: str) -> Posting:
        """Our line in the batch, else our ledger entry; both at once are held."""
        lines = await self._lines(key, entity)
        posted = await self._ledger.lookup(key)
        if lines and posted.state is not PostingState.ABSENT:
            # It may have been posted between the two reads.
            lines = await self._lines(key, entity)
        numbers = [_name(line) for line in lines] + ([posted.number] if posted.number else [])
        if len(numbers) > 1:
            raise duplicate(f"look up {entity}", key, numbers)
        return await self._line_posting(key, lines[0]) if lines else posted

    async def create(self, key: Key, entity: str, record: MappedRecord) -> Posting:
        """Make the line equal to the record; what is posted already is returned as it is."""
        operation = f"create {entity}"
        wanted = await self._wanted(key, entity, record, operation)
        journal = self._journal(entity)
        answer = await self._company.codeunit.call(
            "ReserveJournalLine",
            operation,
            templateName=journal.template,
            batchName=journal.batch,
            externalKey=key.text(),
            state="",
        )
        with after_write(SYSTEM, operation):
            if answer.get("state") == _POSTED:
                return await self._ledger.lookup(key)
            lines = await self._lines(key, entity)
            if not lines:
                return await self._unseen(key, journal, operation)
            line = await self._fill(entity, lines, wanted, operation)
            return await self._line_posting(key, line)

    async def post(self, key: Key, entity: str) -> Posting:
        """Post our line alone; a key that is posted already gives its existing entry."""
        operation = f"post {entity}"
        journal = self._journal(entity)
        await self._company.codeunit.call(
            "PostJournalLine",
            operation,
            templateName=journal.template,
            batchName=journal.batch,
            externalKey=key.text(),
        )
        with after_write(SYSTEM, operation):
            posted = await self._ledger.lookup(key)
            if posted.state is PostingState.ABSENT:
                raise Unavailable(SYSTEM, operation, "the posted entry is not to be seen yet")
            return posted

    async def discard(self, key: Key, entity: str) -> None:
        """Delete our line; nothing when there is none."""
        _, page, service = await self._company.entity(entity)
        for line in await self._lines(key, entity):
            address = page.address(service, line.values)
            await self._odata.delete(address, line.etag, operation=f"discard {entity}")

    async def _wanted(self, key: Key, entity: str, record: MappedRecord, operation: str) -> Body:
        schema = (await self._company.schema()).entities
        fields = entity_of(schema, record.entity, entity, operation)
        page = (await self._company.entity(entity))[1]
        values = await self._company.in_nav_currency(
            without_key(record.header, self._key_field, key.text(), operation)
        )
        return ready(fields, page, values, self._company.settings, operation=operation)

    async def _fill(self, entity: str, lines: list[Entity], wanted: Body, operation: str) -> Entity:
        if len(lines) > 1:
            raise Conflict(SYSTEM, operation, f"{len(lines)} lines have the reserved key")
        lacking = changes(lines[0], wanted)
        if not lacking:
            return lines[0]
        _, page, service = await self._company.entity(entity)
        address = page.address(service, lines[0].values)
        return await self._odata.update(address, lines[0].etag, lacking, operation=operation)

    async def _unseen(self, key: Key, journal: JournalBatch, operation: str) -> Posting:
        """The reserved line is not on the page: posted meanwhile, or never shown."""
        posted = await self._ledger.lookup(key)
        if posted.state is not PostingState.ABSENT:
            return posted
        raise unseen(journal, operation)

    async def _lines(self, key: Key, entity: str) -> list[Entity]:
        _, page, service = await self._company.entity(entity)
        page.require(service, "Journal_Template_Name", "Journal_Batch_Name", self._key_field)
        journal = self._journal(entity)
        values = {
            "Journal_Template_Name": journal.template,
            "Journal_Batch_Name": journal.batch,
            self._key_field: key.text(),
        }
        return await self._odata.find_equal(service, operation=f"look up {entity} line", **values)

    async def _line_posting(self, key: Key, line: Entity) -> Posting:
        currency = await self._company.iso_currency(line.text("Currency_Code"))
        total = Money.of(abs(line.number("Amount")), currency)
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.CREATED,
            number=_name(line),
            party=line.text("Account_No"),
            figures=Figures(net=total, tax=Money.zero(currency), total=total),
            posting_date=line.day("Posting_Date"),
        )

    def _journal(self, entity: str) -> JournalBatch:
        settings = self._company.settings
        return settings.payment_journal if entity == "payment" else settings.general_journal


def _name(line: Entity) -> str:
    return line.text("Document_No") or f"line {line.text('Line_No')}"
