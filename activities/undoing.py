"""Taking back an invoice that stands twice: by a credit memo of our own, once, after two people
said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from temporalio import activity

from activities.context import Connection, Workplace
from activities.dates import posting_date
from activities.figures import is_in_ledger, is_same_document
from activities.posting import Poster
from activities.settling import SettlingDesk
from activities.signatures_undo import UndoInput, Undone, UndoSteps
from connectors.errors import Rejected
from documents.hold import Hold, HoldClass, HoldRequired
from documents.key import Key, Kind
from documents.ledger import MOST_DUPLICATES, document_of
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from documents.tieout import (
    APPROVER,
    PREPARER,
    Break,
    BreakAction,
    BreakState,
    BreakType,
    decided_text,
)
from store.audit_facts import fact_of_break
from store.store import Store


@dataclass(frozen=True)
class UndoActivities(UndoSteps):
    """The implementation that the worker registers, for all its connections."""

    place: Workplace

    @activity.defn(name="take back duplicate")
    async def take_back(self, request: UndoInput) -> Undone:
        """Take back the next posting of a document that two people approved to take back."""
        approved = await _approved(self.place.store, request)
        if not approved:
            return Undone(how="nothing is left to be taken back")
        found = approved[0]
        connection = self.place.connection(request.connection)
        poster = Poster(connection, self.place.store, self.place.now)
        try:
            self._require_two_people(found, alone=connection.policy.second_person == "off")
            reversal = _Reversal(poster, found, is_waiting=request.waits)
            memo = await reversal.post(connection.policy.day_of(self.place.now()))
        except (Rejected, HoldRequired) as error:
            return await self._refused(found, error.hold, again=len(approved) > 1)
        if not is_in_ledger(memo):
            return Undone(how="created, waits to be posted in the target", again=True, waits=True)
        return await self._done(found, memo, again=len(approved) > 1)

    def _require_two_people(self, found: Break, *, alone: bool) -> None:
        """The seals of both: what stands in our store alone makes nobody post."""
        people = (
            (PREPARER, found.proposer, found.proof),
            (APPROVER, found.approver, found.approval),
        )
        sealed = all(self.place.seal.verify(decided_text(found, r, w), s) for r, w, s in people)
        if not sealed or (found.proposer == found.approver and not alone):
            raise refused("It does not bear the seals of two people.")

    async def _refused(self, found: Break, hold: Hold, *, again: bool) -> Undone:
        """It is open again, with the reason. What is in doubt may have been taken back all the
        same: approved once more, the same key is looked up before anything is sent."""
        how, done = told_of(hold)
        opened = found.model_copy(
            update={"state": BreakState.OPEN, "how": f"{how}: {hold.reason}", "proposer": "",
                    "proof": "", "approver": "", "approval": ""}
        )  # fmt: skip
        await self.place.store.breaks.save(opened, was=found)
        fact = fact_of_break(found, done, why=hold.reason)
        await self.place.store.audit.append(fact)
        return Undone(how=opened.how, again=again)

    async def _done(self, found: Break, memo: Posting, *, again: bool) -> Undone:
        how = f"reversed by {memo.number}; {found.how}"
        closed = found.model_copy(
            update={"state": BreakState.CLOSED, "how": how, "closed_at": self.place.now()}
        )
        if await self.place.store.breaks.save(closed, was=found):
            fact = fact_of_break(found, f"reversed by {memo.number}", why=found.how)
            await self.place.store.audit.append(fact)
        return Undone(how=how, again=again)


@dataclass(frozen=True)
class _Reversal:
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
        if not self.is_waiting and not await self._is_posted(key):
            # Also one that was prepared before: the period of its day may be closed since.
            duplicate = await self._duplicate(original, record)
            on = max(today, duplicate.posting_date or today)
            on = await posting_date(self._connection, on)
            mapper = await self._connection.mapper()
            await self.poster.prepare(key, mapper.map_reversal(record, key, on, self._number))
        memo, _ = await self.poster.post(key)
        if is_in_ledger(memo):
            settling = SettlingDesk(self._connection, self.poster.store)
            memo = await settling.settle_credit(key, memo, self._number)
            await self._remember(key, memo.number or "")
        return memo

    @property
    def _connection(self) -> Connection:
        return self.poster.connection

    @property
    def _number(self) -> str:
        return self.found.target_number

    async def _is_posted(self, key: Key) -> bool:
        row = await self.poster.store.postings.get(key.text())
        return row is not None and is_in_ledger((await self.poster.doubt.look(row, key)).found)

    async def _original(self) -> tuple[Key, MappedRecord]:
        store, name = self.poster.store, self._connection.name
        _, source_id = document_of(self.found.match)
        row = await store.documents.get(name, Kind.INVOICE, source_id)
        if row is not None:
            key = self._connection.key(Kind.INVOICE, source_id, row.generation)
            kept = await store.postings.get(key.text())
            if kept is not None and kept.record is not None and kept.number != self._number:
                return key, kept.record
        raise refused("It is not known what was posted for this invoice: reverse it in the target.")

    async def _duplicate(self, original: Key, record: MappedRecord) -> Posting:
        found = await self._connection.target.lookup_number(original, self._number)
        expected = record.expected
        if found.state is not PostingState.POSTED or expected is None:
            raise refused(f"{self._number} is not posted in the target, or was taken back.")
        if not is_same_document(found.figures, expected):
            raise refused(f"{self._number} has other amounts than what was posted by us.")
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
        raise refused("So many postings of it were taken back already: look at it in the target.")

    async def _remember(self, key: Key, number: str) -> None:
        await self.poster.store.references.put(
            self._connection.name, Kind.DUPLICATE_REVERSAL, self._number, key.text(), number
        )


async def _approved(store: Store, request: UndoInput) -> list[Break]:
    found = await store.breaks.page(
        request.connection,
        request.period,
        states=(BreakState.APPROVED,),
        types=(BreakType.DUPLICATE_IN_TARGET,),
        match=request.match,
    )
    return [each for each in found if each.action is BreakAction.REVERSE]


def told_of(hold: Hold) -> tuple[str, str]:
    """What a break and the audit journal say of a reversal that ended in a hold."""
    if hold.hold_class is HoldClass.IN_DOUBT:
        return "it is not known whether it was taken back", "reversal in doubt"
    return "not taken back", "reversal refused"


def refused(reason: str) -> HoldRequired:
    """Why something that was approved is not done."""
    hold = Hold(cause="not-reversible", hold_class=HoldClass.POLICY, reason=reason)
    return HoldRequired(hold)
