"""Never twice: how a prepared record becomes exactly one posting in the target.

    look up the key -> take the fence -> create -> compare -> take the fence -> post -> confirm

Every attempt starts by looking. A send that may still be under way keeps its fence; the next
attempt sends again only if the target itself refuses a second document with the key, or if the
earlier send can no longer commit. What cannot be decided within the patience is held in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities import posting_holds
from activities.context import Connection
from connectors.errors import ConnectorError, OutcomeUnknown, Unavailable
from documents.customer import TargetCustomer
from documents.hold import HoldRequired
from documents.key import Key
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord
from documents.row import PostingRow
from store.posting_columns import StoredPosting
from store.store import Store

Settle = Callable[[MappedRecord, Figures], MappedRecord]


@dataclass(frozen=True)
class Poster:
    """Posts the records of one connection behind the fence."""

    connection: Connection
    store: Store
    now: Callable[[], datetime]

    async def prepare(self, key: Key, record: MappedRecord) -> MappedRecord:
        """Keep the record of a key. The first is kept for good once it may have reached the
        ledger; until then a corrected one takes its place, and a draft of the old one goes."""
        amount = record.expected.total if record.expected else None
        row = await self.store.postings.open(key, self.connection.name, record, amount)
        if row.record == record:
            return record
        found = await self._look_up(row, key)
        if is_in_ledger(found):
            return row.record or record
        await self._forget_settled_send(row)
        if found.state is PostingState.CREATED:
            await self.discard(key)
        await self.store.postings.replace_record(key.text(), record)
        return record

    async def post(self, key: Key, settle: Settle | None = None) -> tuple[Posting, str]:
        """Bring the prepared record of a key into the ledger, once; says how it got there.

        `settle` may add a rounding line when the target's own figures differ within tolerance.
        """
        row = await self._row(key)
        found = self._or_hidden(row, await self._look_up(row, key))
        if is_in_ledger(found):
            return await self._adopt(row, key, found), "found posted under our key"
        row, created = await self._create(row, key, found)
        if found.state is PostingState.CREATED and self._is_stale(row, created):
            row, created = await self._anew(row, key, found)
        if settle and row.record and not _agrees(row.record, created.figures):
            row, created = await self._settle_rounding(row, key, created, settle)
        _compare(row, created)
        async with self._fence(row, key, "post"):
            posted = await self.connection.target.post(key)
        posted = posted.model_copy(update={"number": posted.number or created.number})
        await self.store.postings.confirm(key.text(), posted)
        return posted, "posted" if is_in_ledger(posted) else "created, waits to be posted there"

    async def send(
        self, key: Key, operation: str, call: Callable[[], Awaitable[Posting]]
    ) -> Posting:
        """Any other change of the ledger under a key of ours (a reversal): look, then send."""
        row = await self.store.postings.open(key, self.connection.name, None, None)
        found = await self._look_up(row, key)
        if not is_in_ledger(found):
            async with self._fence(row, key, operation):
                found = await call()
        await self.store.postings.confirm(key.text(), found)
        return found

    async def adopt(self, key: Key, number: str, expected: Figures, party: str) -> Posting:
        """Take a posting that people made as ours: compared first, its number unique in our
        store. HoldRequired when it is not there or differs."""
        row = await self.store.postings.open(key, self.connection.name, None, expected.total)
        ours = await self._look_up(row, key)
        if is_in_ledger(ours) and ours.number != number:
            raise HoldRequired(posting_holds.stands_already(number, ours))
        found = await self.connection.target.lookup_number(key, number)
        if found.state is not PostingState.POSTED:
            raise HoldRequired(posting_holds.nothing_to_adopt(number))
        if not _is_same_document(found.figures, expected) or (party and found.party != party):
            raise HoldRequired(posting_holds.adopts_another(number, expected, found))
        row = await self._make_way(row, key, ours)
        await self.store.postings.confirm(key.text(), found, version=row.version)
        return found

    async def _make_way(self, row: StoredPosting, key: Key, ours: Posting) -> StoredPosting:
        """Before a posting of others takes its place, nothing of ours may come any more."""
        if is_in_ledger(ours) or row.state in (PostingState.POSTED, PostingState.REVERSED):
            return row
        await self._forget_settled_send(row)
        if ours.state is PostingState.CREATED:
            await self.discard(key)
        return await self.store.postings.replace_record(key.text(), None)

    async def discard(self, key: Key) -> None:
        """Remove an unposted draft of ours from the target."""
        row = await self._row(key)
        async with self._fence(row, key, "discard"):
            await self.connection.target.discard(key)
        gone = Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)
        await self.store.postings.confirm(key.text(), gone)

    async def create_customer(self, key: Key, record: MappedRecord) -> TargetCustomer:
        """Create a customer once. No target refuses a second one, so an attempt whose reply was
        lost is looked up by our key, and sent again only after it can no longer commit."""
        target = self.connection.target
        row = await self.store.postings.open(key, self.connection.name, record, None)
        found = await target.find_customers(key=key.text())
        if not found:
            async with self._fence(row, key, "create customer", guarded=False):
                found = [await target.create_customer(key, row.record or record)]
        await self.store.postings.confirm(key.text(), _created(key, found[0]))
        return found[0]

    async def _row(self, key: Key) -> StoredPosting:
        row = await self.store.postings.get(key.text())
        if row is None:
            raise LookupError(f"no record was prepared for {key}")
        return row

    async def _look_up(self, row: StoredPosting, key: Key) -> Posting:
        """Look at the target. Not found proves nothing while an earlier send may commit, and
        neither does a look that fails: past the patience that is a question for a person."""
        if row.send is None:
            return await self.connection.target.lookup(key)
        since = await self.store.postings.mark_in_doubt(key.text(), self.now())
        patience = timedelta(seconds=self.connection.policy.in_doubt_patience_seconds)
        patient = self.now() - since <= patience
        try:
            found = await self.connection.target.lookup(key)
        except Unavailable as error:
            if patient:
                raise
            raise HoldRequired(posting_holds.in_doubt(row)) from error
        if found.state is PostingState.ABSENT and not patient and not self._may_resend(row):
            raise HoldRequired(posting_holds.in_doubt(row))
        return found

    def _or_hidden(self, row: StoredPosting, found: Posting) -> Posting:
        """Some targets show nobody a document that was created and is not posted yet: what they
        confirmed as created is not created again."""
        hides = not self.connection.target.safety.resumes_creation
        if hides and row.state is PostingState.CREATED and found.state is PostingState.ABSENT:
            return found.model_copy(update={"state": row.state, "number": row.number})
        return found

    def _may_resend(self, row: StoredPosting) -> bool:
        safety = self.connection.target.safety
        return safety.refuses_duplicates or self._settled_at(row) <= self.now()

    def _settled_at(self, row: StoredPosting) -> datetime:
        if row.send is None:
            return self.now()
        return row.send.deadline + timedelta(seconds=self.connection.target.safety.settle_seconds)

    async def _forget_settled_send(self, row: StoredPosting) -> None:
        """A send that can no longer commit stands in nobody's way; one that can is waited for."""
        if row.send is None:
            return
        left = (self._settled_at(row) - self.now()).total_seconds()
        if left > 0:
            raise OutcomeUnknown(
                self.connection.target.system, "prepare", "an earlier send may commit", left
            )
        await self.store.postings.clear_fence(row.key, row.send.send_id)

    async def _create(
        self, row: StoredPosting, key: Key, found: Posting
    ) -> tuple[StoredPosting, Posting]:
        """The unposted document, complete, and the row as the next send must find it: nobody
        else may have sent anything since we looked."""
        if row.record is None:
            raise LookupError(f"no record was prepared for {key}")
        if found.state is PostingState.CREATED and not self._resumes:
            return row, found
        async with self._fence(row, key, "create"):
            created = await self.connection.target.create(key, row.record)
        # Our own send raised the version twice; anything more means somebody else was here.
        return row.model_copy(update={"send": None, "version": row.version + 2}), created

    @property
    def _resumes(self) -> bool:
        """Whether `create` reads what is there and changes only what differs. Then it is asked
        again: equal figures say nothing of a line without an amount, or of two that cancel."""
        return self.connection.target.safety.resumes_creation

    def _is_stale(self, row: StoredPosting, created: Posting) -> bool:
        """A draft of an earlier attempt that still computes other figures: it may have been made
        under a set-up of the target that was corrected since."""
        record = row.record
        has_figures = record is not None and record.expected is not None
        return has_figures and self._resumes and not _agrees(record, created.figures)

    async def _anew(
        self, row: StoredPosting, key: Key, found: Posting
    ) -> tuple[StoredPosting, Posting]:
        await self.discard(key)
        gone = found.model_copy(update={"state": PostingState.ABSENT, "figures": None})
        return await self._create(await self._row(key), key, gone)

    async def _settle_rounding(
        self, row: StoredPosting, key: Key, created: Posting, settle: Settle
    ) -> tuple[StoredPosting, Posting]:
        """Keep the record with its rounding line, and bring the unposted document in line."""
        if row.record is None or row.record.expected is None or created.figures is None:
            return row, created
        settled = settle(row.record, created.figures)
        row = await self.store.postings.replace_record(key.text(), settled)
        return await self._create(row, key, created)

    async def _adopt(self, row: StoredPosting, key: Key, found: Posting) -> Posting:
        _compare(row, found)
        await self.store.postings.confirm(key.text(), found)
        return found

    @asynccontextmanager
    async def _fence(
        self, row: StoredPosting, key: Key, operation: str, *, guarded: bool = True
    ) -> AsyncIterator[str]:
        """Hold the fence around one send. It stays up when nobody can know whether the send was
        carried out; a certain answer, good or bad, takes it down."""
        limit = self.connection.policy.send_timeout_seconds
        safety = self.connection.target.safety
        send_id = await self.store.postings.take_fence(
            key.text(),
            operation,
            self.now() + timedelta(seconds=limit),
            seen=row.send.send_id if row.send else None,
            settle_seconds=None if guarded and safety.refuses_duplicates else safety.settle_seconds,
            now=self.now(),
            version=row.version,
        )
        try:
            async with asyncio.timeout(limit):
                yield send_id
        except TimeoutError as error:
            raise OutcomeUnknown(self.connection.target.system, operation, "timed out") from error
        except OutcomeUnknown:
            await self.store.postings.end_send(key.text(), send_id, self.now())
            raise
        except ConnectorError:
            await self.store.postings.clear_fence(key.text(), send_id)
            raise
        await self.store.postings.clear_fence(key.text(), send_id)


def is_in_ledger(posting: Posting) -> bool:
    """Posted, whatever happened to it afterwards. Created is not: others may post it later."""
    return posting.state in (PostingState.POSTED, PostingState.REVERSED)


def is_adopted(row: PostingRow) -> bool:
    """Posted under a number that people made: we never sent a record of it."""
    return bool(row.number) and not row.was_sent and row.state is PostingState.POSTED


def _created(key: Key, customer: TargetCustomer) -> Posting:
    state = PostingState.CREATED
    return Posting(key=key.text(), kind=key.kind, state=state, number=customer.number)


def _agrees(record: MappedRecord | None, figures: Figures | None) -> bool:
    if record is None or record.expected is None or figures is None:
        return False
    return figures == record.expected


def _is_same_document(found: Figures | None, expected: Figures) -> bool:
    """Totals agree, and tax where the target states any: an entry without a sales document, or
    with the tax as a line of its own, states none."""
    if found is None or found.total != expected.total:
        return False
    return not found.tax or found.tax == expected.tax


def _compare(row: StoredPosting, found: Posting) -> None:
    """The target's own net, tax and total against the source's, before anything is posted."""
    expected = row.record.expected if row.record else None
    if expected is None or found.figures is None or found.figures == expected:
        return
    raise HoldRequired(posting_holds.differs(expected, found.figures))
