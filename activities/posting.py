"""Never twice: how a prepared record becomes exactly one posting in the target.

    look up the key -> fence -> create -> confirm -> compare -> fence -> post -> confirm

Every attempt starts by looking. A send that may still be under way keeps its fence, which comes
down with the answer in one write; the next attempt sends again only if the target itself refuses
a second document with the key, or if the earlier send can no longer commit. What cannot be
decided within the patience is held in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from activities import posting_holds
from activities.context import Connection
from activities.dates import require_open
from activities.doubt import Doubt, Seen
from activities.figures import (
    agrees,
    compare,
    compare_taxes,
    is_in_ledger,
    is_same_document,
    tax_apart,
)
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, after_write
from documents.customer import TargetCustomer
from documents.hold import HoldClass, HoldRequired
from documents.key import Key
from documents.posting import LEDGERED, UNPOSTED, Posting, PostingState
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

    @property
    def doubt(self) -> Doubt:
        """What a look does not rule out."""
        return Doubt(self.connection, self.store, self.now)

    async def prepare(self, key: Key, record: MappedRecord) -> MappedRecord:
        """Keep the record of a key. The first is kept for good once it may have reached the
        ledger; until then a corrected one takes its place, and a draft of the old one goes."""
        made = record.exchange
        amount = record.expected.total if record.expected else made.booked if made else None
        row = await self.store.postings.open(key, self.connection.name, record, amount)
        kept = row.record or record
        record = record.model_copy(update={"resend": kept.resend})
        if kept == record:
            return record
        seen = await self.doubt.look(row, key)
        if is_in_ledger(seen.found):
            return kept
        await self._make_way(seen, key)
        await self.store.postings.replace_record(key.text(), record)
        return record

    async def post(self, key: Key, settle: Settle | None = None) -> tuple[Posting, str]:
        """Bring the prepared record of a key into the ledger, once; says how it got there.

        `settle` may add a rounding line when the target's own figures differ within tolerance.
        """
        seen = await self.doubt.look(await self._row(key), key)
        if is_in_ledger(seen.found):
            return await self._adopt(seen, key), "found posted under our key"
        draft = await self._create(seen, key)
        if seen.found.state in UNPOSTED and self._is_stale(draft):
            draft = await self._anew(key)
        draft = await self._settle_rounding(draft, key, settle)
        if is_in_ledger(draft.found):
            return await self._adopt(draft, key), "found posted under our key"
        compare(draft)
        compare_taxes(draft)
        if draft.row.record is not None:
            await require_open(self.connection, draft.row.record)
        posted = await self._send(draft, key, "post", lambda: self.connection.target.post(key))
        compare(posted)
        number = posted.found.number or draft.found.number
        found = posted.found.model_copy(update={"number": number})
        return found, "posted" if is_in_ledger(found) else "created, waits to be posted there"

    async def rehearse(self, key: Key, record: MappedRecord, settle: Settle) -> None:
        """What would become of a record: a draft that the target computes, and that is removed at
        once. HoldRequired when its figures differ by more than the tolerance. Where others post
        what is created, nothing is created."""
        await self.prepare(key, record)
        if not self.connection.target.safety.keeps_drafts:
            return
        try:
            draft = await self._create(await self.doubt.look(await self._row(key), key), key)
            figures = draft.found.figures
            if figures is not None and not agrees(draft):
                settle(record, figures)
            compare_taxes(draft)
        finally:
            await self.discard(key)

    async def send(
        self, key: Key, operation: str, call: Callable[[], Awaitable[Posting]]
    ) -> Posting:
        """Any other change of the ledger under a key of ours (a reversal): look, then send."""
        row = await self.store.postings.open(key, self.connection.name, None, None)
        seen = await self.doubt.look(row, key)
        if not is_in_ledger(seen.found):
            return (await self._send(seen, key, operation, call)).found
        await self.store.postings.confirm(key.text(), seen.found)
        return seen.found

    async def adopt(self, key: Key, number: str, expected: Figures, party: str) -> Posting:
        """Take a posting that people made as ours: compared first, its number unique in our
        store. HoldRequired when it is not there or differs, or one of ours may come too."""
        row = await self.store.postings.open(key, self.connection.name, None, expected.total)
        ours = await self.doubt.look(row, key)
        if is_in_ledger(ours.found) and ours.found.number != number:
            raise HoldRequired(posting_holds.stands_already(number, ours.found))
        found = await self.connection.target.lookup_number(key, number)
        if found.state is not PostingState.POSTED:
            raise HoldRequired(posting_holds.nothing_to_adopt(number))
        if not is_same_document(found.figures, expected) or (party and found.party != party):
            raise HoldRequired(posting_holds.adopts_another(number, expected, found))
        if not is_in_ledger(ours.found) and row.state not in LEDGERED:
            await self._make_way(ours, key)
            row = await self.store.postings.replace_record(key.text(), None)
        await self.store.postings.confirm(key.text(), found, version=row.version)
        return found

    async def discard(self, key: Key) -> None:
        """Remove an unposted document of ours from the target. One that was posted meanwhile
        stays, and is written down as what it is."""
        seen = await self.doubt.look(await self._row(key), key)
        if is_in_ledger(seen.found):
            await self.store.postings.confirm(key.text(), seen.found)
            return
        seen = await self.doubt.rule_out(seen)
        if seen.is_out_of_sight:
            raise HoldRequired(posting_holds.created_unseen(seen.row))
        await self._send(seen, key, "discard", lambda: self._discarded(key))

    async def create_customer(self, key: Key, record: MappedRecord) -> TargetCustomer:
        """Create a customer once. No target refuses a second one, so an attempt whose reply was
        lost is looked up by our key, and sent again only after it can no longer commit."""
        row = await self.store.postings.open(key, self.connection.name, record, None)
        asked = self.now()
        found = await self._customer(row, key)
        if found:
            await self.store.postings.confirm(key.text(), _customer_posting(key, found))
            return found
        made: list[TargetCustomer] = []

        async def create() -> Posting:
            made.append(await self.connection.target.create_customer(key, row.record or record))
            return _customer_posting(key, made[0])

        absent = Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)
        seen = Seen(row, absent, asked, hidden=row.is_unshown)
        self.doubt.require_answer(seen)
        await self._send(seen, key, "create customer", create, guarded=False)
        return made[0]

    async def _customer(self, row: StoredPosting, key: Key) -> TargetCustomer | None:
        """By our key, else by the number that was confirmed: a search may lag behind, and people
        may change our key."""
        target = self.connection.target
        found = await target.find_customers(key=key.text())
        if found or row.state is not PostingState.CREATED:
            return found[0] if found else None
        found = await target.find_customers(number=row.number)
        if not found and not await self.doubt.is_gone(row, key):
            settle = target.safety.settle_seconds
            raise OutcomeUnknown(target.system, "find customer", "it is not to be seen", settle)
        return found[0] if found else None

    async def _make_way(self, seen: Seen, key: Key) -> None:
        """Before something else takes its place, nothing of ours may be there or come."""
        if seen.found.state in UNPOSTED:
            await self.discard(key)
            return
        row = (await self.doubt.rule_out(seen)).row
        if row.state in UNPOSTED and seen.found.state is PostingState.ABSENT:
            # People deleted what was created, as the target shows.
            await self.store.postings.confirm(key.text(), seen.found, version=row.version)

    async def _discarded(self, key: Key) -> Posting:
        """The target says whether it removed the document, or somebody posted it before that."""
        target = self.connection.target
        await target.discard(key)
        with after_write(target.system, "discard"):
            found = await target.lookup(key)
        if is_in_ledger(found):
            return found
        return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)

    async def _row(self, key: Key) -> StoredPosting:
        row = await self.store.postings.get(key.text())
        if row is None:
            raise LookupError(f"no record was prepared for {key}")
        return row

    async def _create(self, seen: Seen, key: Key) -> Seen:
        """The unposted document, complete; what is there and complete is not created again."""
        record = seen.row.record
        if record is None:
            raise LookupError(f"no record was prepared for {key}")
        if seen.found.state in UNPOSTED and not self._resumes:
            return seen
        self.doubt.require_answer(seen)
        await require_open(self.connection, record)
        target = self.connection.target
        return await self._send(seen, key, "create", lambda: target.create(key, record))

    @property
    def _resumes(self) -> bool:
        """Whether `create` reads what is there and changes only what differs. Then it is asked
        again: equal figures say nothing of a line without an amount, or of two that cancel."""
        return self.connection.target.safety.resumes_creation

    def _is_stale(self, draft: Seen) -> bool:
        """A draft of an earlier attempt that still computes other figures: it may have been made
        under a set-up of the target that was corrected since."""
        record = draft.row.record
        has_figures = record is not None and record.expected is not None
        is_draft = draft.found.state in UNPOSTED
        differs = not agrees(draft) or tax_apart(draft) is not None
        return has_figures and is_draft and self._resumes and differs

    async def _anew(self, key: Key) -> Seen:
        await self.discard(key)
        return await self._create(await self.doubt.look(await self._row(key), key), key)

    async def _settle_rounding(self, draft: Seen, key: Key, settle: Settle | None) -> Seen:
        """Keep the record with its rounding line, and bring the unposted document in line."""
        record, figures = draft.row.record, draft.found.figures
        if settle is None or record is None or record.expected is None or figures is None:
            return draft
        if is_in_ledger(draft.found) or figures == record.expected:
            return draft
        settled = settle(record, figures)
        if settled == record:
            return draft
        row = (await self.doubt.rule_out(draft)).row
        row = await self.store.postings.replace_record(key.text(), settled, version=row.version)
        return await self._create(replace(draft, row=row), key)

    async def _adopt(self, seen: Seen, key: Key) -> Posting:
        compare(seen)
        await self.store.postings.confirm(key.text(), seen.found)
        return seen.found

    async def _send(
        self,
        seen: Seen,
        key: Key,
        operation: str,
        call: Callable[[], Awaitable[Posting]],
        *,
        guarded: bool = True,
    ) -> Seen:
        """One send behind the fence, and what the target answered. The answer is written down as
        the fence comes down; it stays up when nobody can know whether the send was carried out,
        and for an earlier send that may still be."""
        limit, postings = self.connection.policy.send_timeout_seconds, self.store.postings
        send_id = await self._take_fence(seen, operation, limit, guarded=guarded)
        try:
            async with asyncio.timeout(limit):
                answer = await call()
        except TimeoutError as error:
            raise OutcomeUnknown(self.connection.target.system, operation, "timed out") from error
        except ConnectorError as error:
            if _leaves_open(error):
                earlier = seen.row.send.deadline if seen.row.send else self.now()
                if isinstance(error, Rejected):
                    number = error.hold.values.get("document", "")
                    await postings.acknowledge(key.text(), send_id, number)
                await postings.end_send(key.text(), send_id, max(self.now(), earlier))
                raise
            left = self.doubt.left(seen, refused=True)
            await postings.clear_fence(key.text(), send_id, left=left)
            raise
        left = self.doubt.left(seen, refused=False)
        row = await postings.confirm(key.text(), answer, send=send_id, left=left)
        return Seen(row, answer, self.now(), seen.hidden)

    async def _take_fence(self, seen: Seen, operation: str, limit: float, *, guarded: bool) -> str:
        row, safety = seen.row, self.connection.target.safety
        return await self.store.postings.take_fence(
            row.key,
            operation,
            self.now() + timedelta(seconds=limit),
            seen=row.send.send_id if row.send else None,
            settle_seconds=None if guarded and safety.refuses_duplicates else safety.settle_seconds,
            now=seen.asked,
            version=row.version,
        )


def _leaves_open(error: ConnectorError) -> bool:
    """Whether the send may have been carried out: nobody knows, or the target says so of what it
    does not show."""
    in_doubt = isinstance(error, Rejected) and error.hold.hold_class is HoldClass.IN_DOUBT
    return in_doubt or isinstance(error, OutcomeUnknown)


def is_adopted(row: PostingRow) -> bool:
    """Posted under a number that people made: we never sent a record of it."""
    return bool(row.number) and not row.was_sent and row.state is PostingState.POSTED


def _customer_posting(key: Key, customer: TargetCustomer) -> Posting:
    state = PostingState.CREATED
    return Posting(key=key.text(), kind=key.kind, state=state, number=customer.number)
