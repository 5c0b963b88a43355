"""The implementation of the steps of bills that the worker registers."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.bills.duplicates import refuse_posted_by_hand
from activities.bills.look import BillObserver
from activities.dates import posting_date, wanted_date
from activities.reversing import take_back
from activities.signatures import LookRequest, StepRequest, StepResult
from activities.signatures_bills import BillLook, BillSteps, PayBillRequest, PostBillRequest
from activities.steps import DocumentSteps, result
from documents.key import Key, Kind
from documents.posting import Posting
from documents.row import DocumentRow


@dataclass(frozen=True)
class BillActivities(DocumentSteps, BillSteps):
    """The steps of bills, for all connections of a worker."""

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
        return result(how, posting)

    @activity.defn(name="adopt bill")
    async def adopt_bill(self, request: PostBillRequest) -> StepResult:
        """Take a posting that people made as the bill's own, after comparing it."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        figures = request.bill.figures
        posting = await poster.adopt(key, request.number, figures, request.vendor)
        row = await self._row(request.document)
        await self._remember(row, key, posting, request.bill.fingerprint())
        return result("adopted", posting)

    @activity.defn(name="reverse bill")
    async def reverse_bill(self, request: StepRequest) -> StepResult:
        """Take back what was posted, under a key of its own."""
        poster = self._poster(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        posting = await take_back(poster, original, reversal)
        return await self._taken_back(posting, original, request.document)

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
        return result(how, posting)

    @activity.defn(name="apply bill payment")
    async def apply_bill_payment(self, request: StepRequest) -> StepResult:
        """Apply a posted payment that is still open to its posted bill."""
        target = self._connection(request.document).target
        number = (await self._row(request.document)).target_number
        posting = await target.apply(Key.parse(request.key), number, None, Kind.BILL)
        return result("applied", posting)

    @activity.defn(name="reverse bill payment")
    async def reverse_bill_payment(self, request: StepRequest) -> StepResult:
        """Take back a posted payment under a key of its own; the bill is open again."""
        poster = self._poster(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        posting = await take_back(poster, original, reversal)
        return await self._taken_back(posting, original, request.document, Kind.BILL_PAYMENT)

    async def _remember(self, row: DocumentRow, key: Key, posting: Posting, present: str) -> None:
        await self._write_posting(row, key, posting, await self._made_of(key, present))
