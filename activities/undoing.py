"""Taking back an invoice that stands twice: by a credit memo of our own, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activities.context import Connection
from activities.dates import posting_date
from activities.figures import is_in_ledger, is_same_document
from activities.posting import Poster
from activities.posting_holds import not_done
from activities.settling import SettlingDesk
from documents.key import Key, Kind
from documents.ledger import document_of
from documents.ledger_keys import MOST_DUPLICATES
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from documents.tieout import Break


@dataclass(frozen=True)
class DuplicateReversal:
    """The credit memo against one posting that is too many, with the lines of the document as we
    posted it. One that was created and waits for somebody in the target keeps its day."""

    poster: Poster
    found: Break
    is_waiting: bool = False

    async def post(self, today: date) -> Posting:
        """Post it, or find it posted. HoldRequired when the posting is not what it was taken
        for, or nobody knows what we posted."""
        original, record = await self._original()
        key = await self._key()
        if not self.is_waiting and not await self.poster.doubt.is_posted(key):
            # Also one that was prepared before: the period of its day may be closed since.
            duplicate = await self._duplicate(original, record)
            on = max(today, duplicate.posting_date or today)
            on = await posting_date(self._connection, on)
            mapper = await self._connection.mapper()
            await self.poster.prepare(key, mapper.map_reversal(record, key, on, self._number))
        memo, _ = await self.poster.post(key)
        if is_in_ledger(memo):
            await self._remember(key, memo.number or "")
        return memo

    async def settle(self, posting: Posting) -> None:
        """The credit memo and the duplicate settle each other."""
        key = await self._key()
        settling = SettlingDesk(self._connection, self.poster.store)
        await settling.settle_credit(key, posting, key.of_kind(Kind.INVOICE), self._number)

    async def withdraw(self) -> None:
        """What was prepared stays: it is brought in line when it is approved again."""

    @property
    def _connection(self) -> Connection:
        return self.poster.connection

    @property
    def _number(self) -> str:
        return self.found.target_number

    async def _original(self) -> tuple[Key, MappedRecord]:
        store, name = self.poster.store, self._connection.name
        _, source_id = document_of(self.found.match)
        row = await store.documents.get(name, Kind.INVOICE, source_id)
        if row is not None:
            key = self._connection.key(Kind.INVOICE, source_id, row.generation)
            kept = await store.postings.get(key.text())
            if kept is not None and kept.record is not None and kept.number != self._number:
                return key, kept.record
        raise not_done(
            "It is not known what was posted for this invoice: reverse it in the target."
        )

    async def _duplicate(self, original: Key, record: MappedRecord) -> Posting:
        found = await self._connection.target.lookup_number(original, self._number)
        expected = record.expected
        if found.state is not PostingState.POSTED or expected is None:
            raise not_done(f"{self._number} is not posted in the target, or was taken back.")
        if not is_same_document(found.figures, expected):
            raise not_done(f"{self._number} has other amounts than what was posted by us.")
        return found

    async def _key(self) -> Key:
        """A key of its own, the same at every attempt: noted before anything is sent."""
        references, name = self.poster.store.references, self._connection.name
        noted = await references.get(name, Kind.DUPLICATE_REVERSAL, self._number)
        if noted is not None:
            return Key.parse(noted.source_number)
        _, source_id = document_of(self.found.match)
        for generation in range(1, MOST_DUPLICATES + 1):
            key = self._connection.key(Kind.DUPLICATE_REVERSAL, source_id, generation)
            if await self.poster.store.postings.get(key.text()) is None:
                await self._remember(key, "")
                return key
        raise not_done("So many postings of it were taken back already: look at it in the target.")

    async def _remember(self, key: Key, number: str) -> None:
        await self.poster.store.references.put(
            self._connection.name, Kind.DUPLICATE_REVERSAL, self._number, key.text(), number
        )
