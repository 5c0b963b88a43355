"""The steps of a credit note's own process."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities import rows
from activities.context import Connection
from activities.credits import CreditEntries
from activities.customers import CustomerDesk
from activities.dates import posting_date, wanted_date
from activities.decisions import require_proof, second_person_for
from activities.doubt import Doubt
from activities.duplicates import refuse_possible_duplicate
from activities.figures import is_in_ledger
from activities.identity import refuse_alias
from activities.posting import Poster
from activities.reversing import refuse_adopted, take_back
from activities.settling import SettlingDesk
from activities.signatures import (
    CreditNoteRequest,
    CreditNoteSteps,
    Look,
    LookRequest,
    StepRequest,
    StepResult,
)
from activities.steps import DocumentSteps, result
from connectors.ports import Unreadable
from documents.cash import CreditNote, CreditType, Payment
from documents.key import Key, Kind
from documents.plan import Plan
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
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
class CreditNoteActivities(DocumentSteps, CreditNoteSteps):
    """The implementation that the worker registers, for all its connections."""

    @activity.defn(name="look at credit note")
    async def look_at_credit_note(self, request: LookRequest) -> Look:
        """Look at the credit and at what we posted for it, and decide."""
        document, store = request.document, self.place.store
        connection = self.place.connection(document.connection)
        found = await connection.source.credit_note(document.source_id)
        row = await store.documents.get(document.connection, document.kind, document.source_id)
        row = row or DocumentRow(**document.model_dump())
        refuse_alias(document.source_id, found)
        row = rows.seen(row, found)
        require_proof(row, request.decision, connection.policy, self.place.seal)
        await Doubt(connection, store, self.place.now).release(row.hold, request.decision)
        row = rows.decided(row, request.decision)
        note = found if isinstance(found, CreditNote) else None
        record = _past_reversals(note, await self._record(connection, row))
        hold = found.hold if isinstance(found, Unreadable) else None
        plan = decide(note, hold, record, connection.policy)
        if found is not None:
            row = await self._write_down(record, note, plan)
            # The sweep need not tell us of what we have just looked at.
            await store.sightings.looked(
                document.connection, document.kind.value, document.source_id, found.version
            )
        return _report(connection, row, plan, note)

    @activity.defn(name="post credit note")
    async def post_credit_note(self, request: CreditNoteRequest) -> StepResult:
        """Post the credit once; later payments from this credit are applied to its entry."""
        connection, key = self._connection(request.document), Key.parse(request.key)
        poster = Poster(connection, self.place.store, self.place.now)
        mapper = await connection.mapper()
        await poster.prepare(key, await self._mapped(connection, request, key))
        settle = mapper.settle_rounding if key.kind is Kind.CREDIT_NOTE else None
        posting, how = await poster.post(key, settle)
        made_of = await self._made_of(key, "") if is_in_ledger(posting) else ""
        await self._remember(await self._row(request.document), key, posting, made_of)
        return result(how, posting)

    @activity.defn(name="adopt credit note")
    async def adopt_credit_note(self, request: CreditNoteRequest) -> StepResult:
        """Take a posting that people made as this credit's own, after comparing it."""
        connection, key = self._connection(request.document), Key.parse(request.key)
        note, poster = request.credit_note, Poster(connection, self.place.store, self.place.now)
        posting = await poster.adopt(key, request.number, note.figures, request.customer_number)
        row = await self._row(request.document)
        await self._remember(row, key, posting, note.fingerprint())
        return result("adopted", posting)

    @activity.defn(name="reverse credit note")
    async def reverse_credit_note(self, request: StepRequest) -> StepResult:
        """Take the credit back, from whatever it was applied to first."""
        connection = self._connection(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        poster = Poster(connection, self.place.store, self.place.now)
        await refuse_adopted(poster, original)
        await SettlingDesk(connection, self.place.store).unapply(original)
        posting = await take_back(poster, original, reversal, request.posting_date)
        return await self._taken_back(posting, original, request.document)

    @activity.defn(name="settle reversal")
    async def settle_reversal(self, request: StepRequest) -> StepResult:
        """Apply a credit memo to the document that took it back, so that neither stays open."""
        connection = self._connection(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        taken_back = await connection.target.lookup(reversal)
        desk = SettlingDesk(connection, self.place.store)
        return result("applied", await desk.apply(original, taken_back.number or "", None))

    async def _record(self, connection: Connection, row: DocumentRow) -> Record:
        found = await self.place.store.postings.of_document(row.connection, _KINDS, row.source_id)
        # What we do not know to be in the ledger may stand in the target all the same.
        asked = [p for p in found if p.send or p.state not in _IN_LEDGER or _is_asked(p, row)]
        doubt = Doubt(connection, self.place.store, self.place.now)
        target = {posting.key: await doubt.ask(posting) for posting in asked}
        postings = {p.key: p for p in found}
        return Record(tag=connection.tag, row=row, postings=postings, target=target)

    async def _write_down(self, record: Record, note: CreditNote | None, plan: Plan) -> DocumentRow:
        policy = self.place.connection(record.row.connection).policy
        key = present_key(note, record, policy) if note else None
        live = key is not None and record.is_live(key)
        after = rows.planned(record.row, plan, live=live, now=self.place.now())
        return await self.place.store.documents.save(after)

    async def _mapped(
        self, connection: Connection, request: CreditNoteRequest, key: Key
    ) -> MappedRecord:
        note, customer = request.credit_note, request.customer_number
        mapper = await connection.mapper()
        row = await self._row(request.document)
        on = await posting_date(connection, wanted_date(row, note.document_date))
        if key.generation == 1:
            total = mapper.booked(note.total, note.document_date)
            await refuse_possible_duplicate(connection, row, customer, total, on, key.kind)
        corrections = row.corrections
        if note.type is CreditType.PREPAYMENT:
            receipt = _receipt(note, connection.policy.prepayment_type)
            record = mapper.map_payment(receipt, customer, key, on, None, corrections)
            return record.model_copy(update={"made_of": note.fingerprint()})
        desk = CustomerDesk(Poster(connection, self.place.store, self.place.now), mapper)
        client = await desk.client(note.party_id)
        record = mapper.map_credit_note(note, client, customer, key, on, corrections)
        return record.model_copy(update={"made_of": note.fingerprint()})

    async def _remember(self, row: DocumentRow, key: Key, posting: Posting, made_of: str) -> None:
        """Later payments from this credit are applied to its entry."""
        row = await self._write_posting(row, key, posting, made_of)
        if is_in_ledger(posting):
            connection = self.place.connection(row.connection)
            await CreditEntries(connection, self.place.store).remember(row.source_id, key)


def _is_asked(posting: PostingRow, row: DocumentRow) -> bool:
    """What stands for the credit now, which people may have reversed, and the last one that was
    taken back, which may be open still."""
    is_reversal = posting.kind.value.endswith("_reversal")
    is_present = posting.generation == row.generation and not is_reversal
    is_last = posting.generation == row.generation - 1 and posting.kind in _MEMOS
    return posting.was_sent and (is_present or is_last)


def _past_reversals(note: CreditNote | None, record: Record) -> Record:
    """A confirmed reversal ends a generation, also when the step that made it could not say so."""
    key = entry_key(note, record) if note else None
    while note and key and record.is_posted(key.of_kind(key.kind.reversal)):
        row = rows.reversed_once_more(record.row, key)
        record = record.model_copy(update={"row": row})
        key = entry_key(note, record)
    return record


def _receipt(note: CreditNote, payment_type: str) -> Payment:
    """A prepayment as the receipt that it is: money without an invoice yet."""
    return Payment(
        source_id=note.source_id,
        invoice_id="",
        party_id=note.party_id,
        amount=note.total,
        date=note.document_date,
        type=payment_type,
    )


def _report(connection: Connection, row: DocumentRow, plan: Plan, note: CreditNote | None) -> Look:
    return Look(
        plan=plan,
        queue=connection.target_queue,
        document_number=row.source_number,
        target_number=row.target_number,
        amount=str(row.amount) if row.amount else "",
        version=row.version,
        credit_note=note if plan.steps else None,
        second_person_for=second_person_for(row, connection.policy),
    )
