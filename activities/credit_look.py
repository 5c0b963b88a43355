"""Looking at a credit note: the source, our record, and what the target says."""

from __future__ import annotations

from dataclasses import dataclass

from activities import rows
from activities.decisions import require_proof
from activities.identity import refuse_alias
from activities.observing import Observing, past_reversals
from activities.signatures import Look, LookRequest
from connectors.ports import Unreadable
from documents.cash import CreditNote
from documents.key import Kind
from documents.posting import PostingState
from documents.row import DocumentRow, PostingRow
from policies.credit_note import decide, entry_key, present_key
from policies.facts import Record

_KINDS = (
    Kind.CREDIT_NOTE,
    Kind.CREDIT_NOTE_REVERSAL,
    Kind.PREPAYMENT,
    Kind.PREPAYMENT_REVERSAL,
)
_MEMOS = (Kind.CREDIT_NOTE, Kind.CREDIT_NOTE_REVERSAL)
_IN_LEDGER = (PostingState.POSTED, PostingState.REVERSED)


@dataclass(frozen=True)
class CreditObserver(Observing):
    """Looks at one credit note of one connection and writes down what it saw and decided."""

    async def look(self, request: LookRequest) -> Look:
        document, policy = request.document, self.connection.policy
        found = await self.connection.source.credit_note(document.source_id)
        refuse_alias(document.source_id, found)
        row = await self._stored(document) or DocumentRow(**document.model_dump())
        row = rows.seen(row, found)
        require_proof(row, request.decision, policy, self.seal)
        await self._doubt.release(row.hold, request.decision)
        row = rows.decided(row, request.decision)
        note = found if isinstance(found, CreditNote) else None
        record = await self._record(row, note)
        hold = found.hold if isinstance(found, Unreadable) else None
        plan = decide(note, hold, record, policy)
        if found is not None:
            key = present_key(note, record, policy) if note else None
            row = await self._planned(record, plan, key)
        await self._looked(document, found)
        return Look(**self._told(row, plan), credit_note=note if plan.steps else None)

    async def _record(self, row: DocumentRow, note: CreditNote | None) -> Record:
        found = await self.store.postings.of_document(row.connection, _KINDS, row.source_id)
        # What we do not know to be in the ledger may stand in the target all the same.
        asked = [p for p in found if p.send or p.state not in _IN_LEDGER or _is_asked(p, row)]
        target = {posting.key: await self._lookup(posting) for posting in asked}
        postings = {p.key: p for p in found}
        record = Record(tag=self.connection.tag, row=row, postings=postings, target=target)
        key = entry_key(note, record) if note else None
        return past_reversals(record, key.kind) if key else record


def _is_asked(posting: PostingRow, row: DocumentRow) -> bool:
    """What stands for the credit now, which people may have reversed, and the last one that was
    taken back, which may be open still."""
    is_reversal = posting.kind.value.endswith("_reversal")
    is_present = posting.generation == row.generation and not is_reversal
    is_last = posting.generation == row.generation - 1 and posting.kind in _MEMOS
    return posting.was_sent and (is_present or is_last)
