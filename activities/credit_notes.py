"""The steps of a credit note's own process."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.context import Connection
from activities.credit_look import CreditObserver
from activities.credits import CreditEntries
from activities.customers import CustomerDesk
from activities.dates import posting_date, wanted_date
from activities.duplicates import refuse_possible_duplicate
from activities.figures import is_in_ledger
from activities.posting import Poster
from activities.reversing import reversal_day, take_back
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
from documents.cash import CreditNote, CreditType, Payment
from documents.key import Key, Kind
from documents.posting import Posting
from documents.record import MappedRecord
from documents.row import DocumentRow


@dataclass(frozen=True)
class CreditNoteActivities(DocumentSteps, CreditNoteSteps):
    """The implementation that the worker registers, for all its connections."""

    @activity.defn(name="look at credit note")
    async def look_at_credit_note(self, request: LookRequest) -> Look:
        """Look at the credit and at what we posted for it, and decide."""
        place, connection = self.place, self._connection(request.document)
        return await CreditObserver(connection, place.store, place.seal, place.now()).look(request)

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

    @activity.defn(name="prepare credit note again")
    async def prepare_credit_note_again(self, request: CreditNoteRequest) -> StepResult:
        """Try whether an edited credit can be posted anew, before it is taken back."""
        connection, key = self._connection(request.document), Key.parse(request.key)
        poster = self._poster(request.document)
        await reversal_day(poster, Key.parse(request.target_key), request.posting_date)
        record = await self._mapped(connection, request, key)
        await poster.rehearse(key, record, (await connection.mapper()).settle_rounding)
        return StepResult(how="it can be posted anew")

    @activity.defn(name="reverse credit note")
    async def reverse_credit_note(self, request: StepRequest) -> StepResult:
        """Take the credit back, from whatever it was applied to first."""
        connection = self._connection(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        poster = Poster(connection, self.place.store, self.place.now)
        on = await reversal_day(poster, original, request.posting_date)
        await SettlingDesk(connection, self.place.store).unapply(original)
        posting = await take_back(poster, original, reversal, on)
        return await self._taken_back(posting, original, request.document)

    @activity.defn(name="settle reversal")
    async def settle_reversal(self, request: StepRequest) -> StepResult:
        """Apply a credit memo to the document that took it back, so that neither stays open."""
        connection = self._connection(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        taken_back = await connection.target.lookup(reversal)
        desk = SettlingDesk(connection, self.place.store)
        return result("applied", await desk.apply(original, taken_back.number or "", None))

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
