"""The implementation of the steps of bills that the worker registers."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities import rows
from activities.bills.duplicates import refuse_posted_by_hand
from activities.bills.look import BillObserver
from activities.context import Connection, Workplace
from activities.dates import posting_date, wanted_date
from activities.figures import is_in_ledger
from activities.posting import Poster, is_adopted
from activities.signatures import DocumentRef, LookRequest, StepRequest, StepResult
from activities.signatures_bills import BillLook, BillSteps, PayBillRequest, PostBillRequest
from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.posting import Posting
from documents.row import DocumentRow
from policies import holds


@dataclass(frozen=True)
class BillActivities(BillSteps):
    """The steps of bills, for all connections of a worker."""

    place: Workplace

    @activity.defn(name="look at bill")
    async def look_at_bill(self, request: LookRequest) -> BillLook:
        """Look at the bill, its payments and what was posted for them, and decide."""
        connection, place = self._connection(request.document), self.place
        return await BillObserver(connection, place.store, place.seal, place.now()).look(request)

    @activity.defn(name="post bill")
    async def post_bill(self, request: PostBillRequest) -> StepResult:
        """Map, create, compare, post, confirm: once, whatever fails and whenever."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        row = await self._row(request.document)
        on = await posting_date(poster.connection, wanted_date(row, request.bill.document_date))
        await refuse_posted_by_hand(poster.connection, row, request.bill, request.vendor)
        mapper = await poster.connection.mapper()
        record = mapper.map_bill(request.bill, request.vendor, key, on, row.corrections)
        await poster.prepare(key, record)
        posting, how = await poster.post(key)
        await self._remember(row, key, posting, request.bill.fingerprint())
        return _result(how, posting)

    @activity.defn(name="adopt bill")
    async def adopt_bill(self, request: PostBillRequest) -> StepResult:
        """Take a posting that people made as the bill's own, after comparing it."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        figures = request.bill.figures
        posting = await poster.adopt(key, request.number, figures, request.vendor)
        row = await self._row(request.document)
        await self._remember(row, key, posting, request.bill.fingerprint())
        return _result("adopted", posting)

    @activity.defn(name="reverse bill")
    async def reverse_bill(self, request: StepRequest) -> StepResult:
        """Take back what was posted, under a key of its own."""
        poster = self._poster(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        posting = await self._reversed(poster, original, reversal)
        if is_in_ledger(posting):
            row = rows.reversed_once_more(await self._row(request.document), original)
            await self.place.store.documents.save(row)
        return _result("reversed", posting)

    @activity.defn(name="post bill payment")
    async def post_bill_payment(self, request: PayBillRequest) -> StepResult:
        """Post what was paid on the bill, from the account that its type leads to."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        bill = await self._row(request.document)
        row = await self._row(request.document, Kind.BILL_PAYMENT, request.payment.source_id)
        connection = poster.connection
        on = await posting_date(connection, wanted_date(row, request.payment.date))
        record = (await connection.mapper()).map_bill_payment(
            request.payment,
            bill.source_number,
            bill.target_party,
            key,
            on,
            bill.target_number,
            row.corrections,
        )
        await poster.prepare(key, record)
        posting, how = await poster.post(key)
        await self._remember(row, key, posting, request.payment.fingerprint())
        return _result(how, posting)

    @activity.defn(name="apply bill payment")
    async def apply_bill_payment(self, request: StepRequest) -> StepResult:
        """Apply a posted payment that is still open to its posted bill."""
        target = self._connection(request.document).target
        number = (await self._row(request.document)).target_number
        posting = await target.apply(Key.parse(request.key), number, None, Kind.BILL)
        return _result("applied", posting)

    @activity.defn(name="reverse bill payment")
    async def reverse_bill_payment(self, request: StepRequest) -> StepResult:
        """Take back a posted payment under a key of its own; the bill is open again."""
        poster = self._poster(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        posting = await self._contra(poster, original, reversal)
        row = await self._row(request.document, Kind.BILL_PAYMENT, original.source_id)
        if is_in_ledger(posting):
            await self.place.store.documents.save(rows.reversed_once_more(row, original))
        return _result("reversed", posting)

    async def _reversed(self, poster: Poster, original: Key, reversal: Key) -> Posting:
        """A journal is taken back by the target itself, a document by a credit memo of its kind."""
        kept = await self.place.store.postings.get(original.text())
        if kept is None or kept.record is None:
            raise HoldRequired(holds.adopted_by_hand(original.text()))
        mapper = await poster.connection.mapper()
        if mapper.is_journal(kept.record):
            return await self._contra(poster, original, reversal)
        posted = await poster.connection.target.lookup(original)
        today = poster.connection.policy.day_of(self.place.now())
        on = await posting_date(poster.connection, max(today, posted.posting_date or today))
        number = posted.number or kept.number
        await poster.prepare(reversal, mapper.map_reversal(kept.record, reversal, on, number))
        return (await poster.post(reversal))[0]

    async def _contra(self, poster: Poster, original: Key, reversal: Key) -> Posting:
        target = poster.connection.target
        today = poster.connection.policy.day_of(self.place.now())
        kept = await self.place.store.postings.get(original.text())
        if kept is not None and is_adopted(kept):
            raise HoldRequired(holds.adopted_by_hand(original.text()))
        posted = await target.lookup(original)
        on = await posting_date(poster.connection, max(today, posted.posting_date or today))
        return await poster.send(
            reversal, "reverse", lambda: target.reverse(original, reversal, on)
        )

    async def _remember(self, row: DocumentRow, key: Key, posting: Posting, present: str) -> None:
        """Write down what stands in the target: what was kept, however old, not what the source
        says by now."""
        store = self.place.store
        kept = await store.postings.get(key.text())
        made_of = (kept.record.made_of if kept and kept.record else "") or present
        row = row.model_copy(update={"amount": (kept and kept.amount) or row.amount})
        if not is_in_ledger(posting):
            await store.documents.save(rows.created(row, posting, made_of))
            return
        row = await store.documents.save(rows.posted(row, key, posting, made_of))
        await store.references.put(
            row.connection, row.kind, row.source_id, row.source_number, row.target_number
        )

    def _connection(self, document: DocumentRef) -> Connection:
        return self.place.connection(document.connection)

    def _poster(self, document: DocumentRef) -> Poster:
        return Poster(self._connection(document), self.place.store, self.place.now)

    async def _row(
        self, document: DocumentRef, kind: Kind | None = None, source_id: str = ""
    ) -> DocumentRow:
        row = await self.place.store.documents.get(
            document.connection, kind or document.kind, source_id or document.source_id
        )
        if row is None:
            raise LookupError("the document has no row: it was never looked at")
        return row


def _result(how: str, posting: Posting) -> StepResult:
    return StepResult(
        how=how,
        number=posting.number or "",
        figures=posting.figures,
        posted=is_in_ledger(posting),
    )
