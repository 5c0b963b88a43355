"""Costs that the company paid: lines of our general journal, against a bank or clearing account."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.errors import Conflict, Misconfigured, Rejected, Unavailable, after_write
from connectors.nav.company import Company
from connectors.nav.errors import SAME_KEY, SYSTEM
from connectors.nav.metadata import PageType
from connectors.nav.odata import Entity
from connectors.nav.record import Body, changes, entity_of, ready, without_key
from connectors.nav.settings import JournalBatch
from documents.key import Key
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import FieldValue, Figures, MappedRecord

JOURNAL = "journal"
_POSTED = "Posted"


class CostJournal:
    """One document of several lines that share our key, made and posted by the codeunit.

    The codeunit reserves the first line under a lock; the others take the numbers behind it, so
    that a second insert of one of them is refused. NAV posts the lines of a document only when
    they balance, hence never in part.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._odata = company.odata
        self._key_field = company.settings.journal_key_field
        self._journal = company.settings.general_journal

    async def lookup(self, key: Key) -> Posting:
        """Our lines in the batch, else the posted entries with our key."""
        lines = await self._lines(key)
        if lines:
            return await self._draft(key, lines)
        return await self._in_ledger(key)

    async def create(self, key: Key, record: MappedRecord) -> Posting:
        """Make the lines equal to the record; what is posted already is returned as it is."""
        operation = "create journal"
        wanted = await self._wanted(key, record, operation)
        answer = await self._call("ReserveJournalLine", operation, key, state="")
        with after_write(SYSTEM, operation):
            if answer.get("state") == _POSTED:
                return await self._in_ledger(key)
            first = int(answer.get("return_value") or 0)
            placed = {first + place: body for place, body in enumerate(wanted)}
            await self._match(key, placed, operation)
            return await self._draft(key, await self._lines(key))

    async def post(self, key: Key) -> Posting:
        """Post our lines; a key that is posted already gives its existing document."""
        await self._call("PostJournalLine", "post journal", key)
        with after_write(SYSTEM, "post journal"):
            posted = await self._in_ledger(key)
            if posted.state is PostingState.ABSENT:
                why = "the posted entries are not to be seen yet"
                raise Unavailable(SYSTEM, "post journal", why)
            return posted

    async def discard(self, key: Key) -> None:
        """Delete our lines; nothing when there are none."""
        _, page, service = await self._company.entity(JOURNAL)
        for line in await self._lines(key):
            address = page.address(service, line.values)
            await self._odata.delete(address, line.etag, operation="discard journal")

    async def _wanted(self, key: Key, record: MappedRecord, operation: str) -> list[Body]:
        schema = (await self._company.schema()).entities
        fields = entity_of(schema, record.entity, JOURNAL, operation)
        page = (await self._company.entity(JOURNAL))[1]
        settings = self._company.settings
        found = []
        for line in _lines_of(record):
            values = without_key(line, self._key_field, key.text(), operation)
            values = await self._company.in_nav_currency(values)
            found.append(ready(fields, page, values, settings, operation=operation))
        return found

    async def _match(self, key: Key, wanted: dict[int, Body], operation: str) -> None:
        _, page, service = await self._company.entity(JOURNAL)
        present = {int(line.number("Line_No")): line for line in await self._lines(key)}
        if not present:
            raise unseen(self._journal, operation)
        for number, line in present.items():
            await self._match_line(service, page, line, wanted.get(number), operation)
        for number, body in wanted.items():
            if number not in present:
                await self._insert(service, {**self._place(key, number), **body}, operation)

    def _place(self, key: Key, number: int) -> Body:
        return {
            "Journal_Template_Name": self._journal.template,
            "Journal_Batch_Name": self._journal.batch,
            "Line_No": number,
            self._key_field: key.text(),
        }

    async def _match_line(
        self, service: str, page: PageType, line: Entity, body: Body | None, operation: str
    ) -> None:
        address = page.address(service, line.values)
        if body is None:
            await self._odata.delete(address, line.etag, operation=operation)
            return
        lacking = changes(line, body)
        if lacking:
            await self._odata.update(address, line.etag, lacking, operation=operation)

    async def _insert(self, service: str, body: Body, operation: str) -> None:
        try:
            await self._odata.create(service, body, operation=operation)
        except Rejected as error:
            if error.code != SAME_KEY:
                raise
            raise Conflict(SYSTEM, operation, "the line exists meanwhile", code=SAME_KEY) from error

    async def _lines(self, key: Key) -> list[Entity]:
        _, page, service = await self._company.entity(JOURNAL)
        page.require(service, "Journal_Template_Name", "Journal_Batch_Name", self._key_field)
        return await self._odata.find_equal(
            service,
            operation="look up journal lines",
            Journal_Template_Name=self._journal.template,
            Journal_Batch_Name=self._journal.batch,
            **{self._key_field: key.text()},
        )

    async def _draft(self, key: Key, lines: list[Entity]) -> Posting:
        """The debits are the figures: NAV computes no tax on lines without posting groups."""
        currency = await self._company.iso_currency(lines[0].text("Currency_Code"))
        debits = (Money.of(max(n.number("Amount"), Decimal(0)), currency) for n in lines)
        total = Money.total(debits, currency)
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.CREATED,
            number=lines[0].text("Document_No"),
            figures=Figures(net=total, tax=Money.zero(currency), total=total),
            posting_date=lines[0].day("Posting_Date"),
        )

    async def _in_ledger(self, key: Key) -> Posting:
        """General ledger entries are in local currency, so that they have no figures of ours.

        A purchase document leaves entries with our key too, but none of a journal batch.
        """
        service = self._company.settings.services.general_ledger_entries
        (await self._company.model()).require(
            service, "Journal_Batch_Name", "Reversed", "Reversed_Entry_No", "External_Document_No"
        )
        found = await self._odata.find_equal(
            service, operation="read ledger by key", External_Document_No=key.text()
        )
        entries = [e for e in found if e.text("Journal_Batch_Name")]
        if not entries:
            return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)
        taken_back = entries[0]["Reversed"] is True and not entries[0].number("Reversed_Entry_No")
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=PostingState.REVERSED if taken_back else PostingState.POSTED,
            number=entries[0].text("Document_No"),
            posting_date=entries[0].day("Posting_Date"),
        )

    async def _call(
        self, function: str, operation: str, key: Key, **arguments: str
    ) -> dict[str, str]:
        return await self._company.codeunit.call(
            function,
            operation,
            templateName=self._journal.template,
            batchName=self._journal.batch,
            externalKey=key.text(),
            **arguments,
        )


def _lines_of(record: MappedRecord) -> list[dict[str, FieldValue]]:
    """The lines, each with what the header says for all of them; a header alone is one line.
    Only the line of a customer or vendor can settle anything."""
    lines = [{**record.header, **line} for line in record.lines] or [dict(record.header)]
    return [line if _is_partys(line) else _without_application(line) for line in lines]


def _is_partys(line: Mapping[str, FieldValue]) -> bool:
    return str(line.get("Account_Type", "")) in ("Customer", "Vendor")


def _without_application(line: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    return {n: value for n, value in line.items() if not n.startswith("Applies_to")}


def unseen(journal: JournalBatch, operation: str) -> Misconfigured:
    """The reserved line is not on the page: pages of old versions show their first batch only."""
    return Misconfigured(
        SYSTEM,
        operation,
        f"the published journal page does not show batch {journal.batch} of template "
        f"{journal.template}; publish a plain list page over table 81, or set the "
        "connection's journal to the batch that the page shows",
    )
