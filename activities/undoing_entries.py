"""Taking back a receipt or a credit that stands twice: the target reverses the entry, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activities.dates import posting_date
from activities.figures import is_in_ledger
from activities.posting import Poster
from activities.posting_holds import not_done
from documents.key import Key, Kind
from documents.ledger import document_of
from documents.ledger_keys import MOST_DUPLICATES
from documents.posting import Posting, PostingState
from documents.tieout import Break


@dataclass(frozen=True)
class EntryReversal:
    """The reversal of one entry that is too many, on its own day or by policy on the first open
    one after it. No money moves: the bank account of the entry is taken back with it."""

    poster: Poster
    found: Break

    async def post(self, today: date) -> Posting:
        """Post it, or find it posted. HoldRequired when the entry is not what it was taken for,
        Rejected where people have to reverse it."""
        original, number = self._original, self.found.target_number
        connection, on = self.poster.connection, today
        reversal = await self._key()
        if not await self.poster.doubt.is_posted(reversal):
            entry = await self._entry()
            on = await posting_date(connection, entry.posting_date or today)
        posting = await self.poster.send(
            reversal,
            "reverse",
            lambda: connection.target.reverse_entry(original, number, reversal, on),
        )
        if is_in_ledger(posting):
            await self._remember(reversal, posting.number or "")
        return posting

    async def settle(self, posting: Posting) -> None:
        """The target has applied the two to each other."""

    async def withdraw(self) -> None:
        """A reversal is posted at once: nothing is prepared of it."""

    @property
    def _original(self) -> Key:
        return self.poster.connection.key(*document_of(self.found.match))

    async def _entry(self) -> Posting:
        found, target = self.found, self.poster.connection.target
        await self._require_ours()
        entry = await target.lookup_number(self._original, found.target_number)
        if entry.state is not PostingState.POSTED or entry.figures is None:
            raise not_done(f"{found.target_number} is not posted in the target, or was taken back.")
        total = entry.figures.total
        if (total.amount, total.currency) != (abs(found.difference), found.currency):
            raise not_done(f"{found.target_number} has another amount than it was taken for.")
        return entry

    async def _require_ours(self) -> None:
        """The document has a posting of its own under another number: one of two goes."""
        kind, source_id = document_of(self.found.match)
        rows = await self.poster.store.postings.of_document(
            self.poster.connection.name, kind, source_id
        )
        posted = [row.number for row in rows if row.state is PostingState.POSTED]
        if not [number for number in posted if number and number != self.found.target_number]:
            raise not_done("Nothing else is posted for it: it does not stand twice.")

    async def _key(self) -> Key:
        """A key of its own, the same at every attempt: noted before anything is sent."""
        references, name = self.poster.store.references, self.poster.connection.name
        noted = await references.get(name, Kind.ENTRY_REVERSAL, self._place)
        if noted is not None:
            return Key.parse(noted.source_number)
        for generation in range(1, MOST_DUPLICATES + 1):
            key = self._original.taking_back(generation)
            if await self.poster.store.postings.get(key.text()) is None:
                await self._remember(key, "")
                return key
        raise not_done("So many postings of it were taken back already: look at it in the target.")

    @property
    def _place(self) -> str:
        """Receipts and credits have numbers of their own."""
        return f"{self.found.kind.value} {self.found.target_number}"

    async def _remember(self, key: Key, number: str) -> None:
        await self.poster.store.references.put(
            self.poster.connection.name, Kind.ENTRY_REVERSAL, self._place, key.text(), number
        )
