"""The steps of order to cash: each thin, idempotent, named by what it does for the business."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities import rows
from activities.credits import CreditDesk, CreditEntries
from activities.customers import CustomerDesk, refuse_blocked
from activities.dates import posting_date, wanted_date
from activities.duplicates import refuse_possible_duplicate
from activities.figures import is_in_ledger
from activities.late_fees import LateFeeDesk
from activities.look import Observer
from activities.receipts import ReceiptDesk
from activities.reposting import InvoiceDesk
from activities.settling import SettlingDesk
from activities.signatures import (
    AdoptRequest,
    CustomerRequest,
    CustomerResult,
    DocumentRef,
    Look,
    LookRequest,
    OrderToCashSteps,
    PostRequest,
    Prepared,
    PrepareRequest,
    RepostRequest,
    StepRequest,
    StepResult,
)
from activities.steps import DocumentSteps, result
from documents.cash import Payment
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.record import Figures
from documents.row import DocumentRow


@dataclass(frozen=True)
class OrderToCashActivities(DocumentSteps, OrderToCashSteps):
    """The implementation that the worker registers, for all its connections."""

    @activity.defn(name="look")
    async def look(self, request: LookRequest) -> Look:
        """Look at both sides and decide; writes the rows of the invoice and its payments."""
        connection = self._connection(request.document)
        observer = Observer(connection, self.place.store, self.place.seal, self.place.now())
        return await observer.look(request)

    @activity.defn(name="upsert customer")
    async def upsert_customer(self, request: CustomerRequest) -> CustomerResult:
        """The customer of the document in the target: found, or created once, or held."""
        poster = self._poster(request.document)
        desk = CustomerDesk(poster, await poster.connection.mapper())
        chosen = (await self._row(request.document)).corrections.get("customer", "")
        customer, how = await desk.upsert(request.party_id, chosen)
        return CustomerResult(number=customer.number, how=how)

    @activity.defn(name="prepare")
    async def prepare(self, request: PrepareRequest) -> Prepared:
        """Map the invoice and keep the record: every attempt to post sends the same bytes."""
        poster, key = self._poster(request.document), Key.parse(request.key)
        connection, invoice = poster.connection, request.invoice
        row = await self._row(request.document)
        on = await posting_date(connection, wanted_date(row, invoice.document_date))
        if key.generation == 1:
            mapper = await connection.mapper()
            total = mapper.booked(invoice.total, invoice.document_date)
            await refuse_possible_duplicate(
                connection, row, request.customer_number, total, on, Kind.INVOICE
            )
        customer = request.customer_number
        record = await InvoiceDesk(poster).record(row, invoice, customer, key, on)
        return Prepared(record=await poster.prepare(key, record))

    @activity.defn(name="post invoice")
    async def post_invoice(self, request: PostRequest) -> StepResult:
        """Create, compare, post, confirm: once, whatever fails and whenever."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        mapper = await poster.connection.mapper()
        posting, how = await poster.post(key, mapper.settle_rounding)
        made_of = await self._made_of(key, request.fingerprint)
        await self._invoice_posted(request.document, key, posting, made_of)
        return result(how, posting, settled=posting.is_settled)

    @activity.defn(name="adopt invoice")
    async def adopt_invoice(self, request: AdoptRequest) -> StepResult:
        """Take a posting that people made as this invoice's own, after comparing it."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        invoice = request.invoice
        posting = await poster.adopt(key, request.number, invoice.figures, request.customer_number)
        await self._invoice_posted(request.document, key, posting, invoice.fingerprint())
        return result("adopted", posting, settled=posting.is_settled)

    @activity.defn(name="discard draft")
    async def discard_draft(self, request: StepRequest) -> StepResult:
        """Remove the unposted draft of a document that was withdrawn at the source."""
        await self._poster(request.document).discard(Key.parse(request.key))
        return StepResult(how="the draft was removed from the target")

    @activity.defn(name="write back reference")
    async def write_reference(self, request: StepRequest) -> StepResult:
        """Write the target's number into the source's empty PO number; never over another."""
        row = await self._row(request.document)
        source = self._connection(request.document).source
        written = await source.write_reference(request.document.source_id, row.target_number)
        how = f"{row.target_number} in the PO number" if written else "left alone: it is in use"
        return StepResult(how=how)

    @activity.defn(name="post payment")
    async def post_payment(self, request: StepRequest) -> StepResult:
        """Post a payment, applied to its invoice unless it is dated before it."""
        payment, key = _payment(request), Key.parse(request.key)
        receipts, row = await self._receipts(request, payment.source_id)
        poster, invoice = receipts.poster, receipts.invoice
        applies_to = invoice.target_number if request.target_key else None
        await poster.prepare(key, await receipts.record(row, payment, key, applies_to))
        posting, how = await poster.post(key)
        await self._payment_posted(request, key, posting)
        if is_in_ledger(posting):
            desk = SettlingDesk(poster.connection, self.place.store)
            await desk.settle_write_offs(request.document.source_id)
        settled = request.closes and is_in_ledger(posting) and await self._is_settled(request)
        return result(how, posting, settled=settled)

    @activity.defn(name="adopt payment")
    async def adopt_payment(self, request: StepRequest) -> StepResult:
        """Take a receipt that people posted as this payment's own, after comparing it."""
        poster, key = self._poster(request.document), Key.parse(request.key)
        party = (await self._row(request.document)).target_party
        amount = abs(_payment(request).amount)
        expected = Figures(net=amount, tax=Money.zero(amount.currency), total=amount)
        posting = await poster.adopt(key, request.number, expected, party)
        await self._payment_posted(request, key, posting)
        return result("adopted", posting)

    @activity.defn(name="apply payment")
    async def apply_payment(self, request: StepRequest) -> StepResult:
        """Apply a posted payment that is still open to its posted invoice, or to the refund that
        gives it back."""
        connection, target_key = self._connection(request.document), Key.parse(request.target_key)
        number = await self._number_of(request, target_key)
        kind = Kind.REFUND if target_key.kind is Kind.REFUND else Kind.INVOICE
        entry = Key.parse(request.key)
        desk = SettlingDesk(connection, self.place.store)
        posting = await desk.apply(entry, number, request.amount, kind)
        await desk.settle_write_offs(request.document.source_id)
        return result("applied", posting, settled=await self._is_settled(request))

    @activity.defn(name="unapply payment")
    async def unapply_payment(self, request: StepRequest) -> StepResult:
        """Take back what a payment settles on this invoice: it becomes unapplied cash."""
        number = await self._number_of(request, Key.parse(request.target_key))
        desk = SettlingDesk(self._connection(request.document), self.place.store)
        posting = await desk.unapply(Key.parse(request.key), number)
        return result("unapplied", posting)

    @activity.defn(name="apply credit")
    async def apply_credit(self, request: StepRequest) -> StepResult:
        """Apply credit that is in the books already: no money moves, so nothing is received."""
        desk = CreditDesk(self._connection(request.document), self.place)
        row = await self._row(request.document)
        posting = await desk.apply(request, row)
        use = await self._row(request.document, Kind.PAYMENT, Key.parse(request.key).source_id)
        digest = request.payment.fingerprint() if request.payment else ""
        used = rows.posted(use, Key.parse(request.key), posting, digest)
        await self.place.store.documents.save(used)
        return result("applied from credit", posting, settled=await self._is_settled(request))

    @activity.defn(name="unapply credit")
    async def unapply_credit(self, request: StepRequest) -> StepResult:
        """Take an application of credit back from this invoice; the credit is open again."""
        desk = CreditDesk(self._connection(request.document), self.place)
        posting = await desk.unapply(request, await self._row(request.document))
        key = Key.parse(request.key)
        use = await self._row(request.document, Kind.PAYMENT, key.source_id)
        await self.place.store.documents.save(rows.reversed_once_more(use, key))
        return result("credit unapplied", posting)

    @activity.defn(name="prepare payment again")
    async def prepare_payment_again(self, request: StepRequest) -> StepResult:
        """Try whether an edited payment can be posted anew, before it is taken back."""
        key, original = Key.parse(request.key), Key.parse(request.target_key)
        receipts, row = await self._receipts(request, key.source_id)
        await receipts.rehearse(row, _payment(request), key, original, request.posting_date)
        return StepResult(how="it can be posted anew")

    @activity.defn(name="reverse payment")
    async def reverse_payment(self, request: StepRequest) -> StepResult:
        """Take back a posted payment under a key of its own, unapplied first."""
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        receipts, row = await self._receipts(request, original.source_id)
        poster = receipts.poster
        on = await receipts.reversal_date(row, original, request.posting_date)
        posted = await poster.connection.target.lookup(original)
        if posted.applied_to:
            await receipts.have_others_looked_at(posted)
            await SettlingDesk(poster.connection, self.place.store).unapply(original)
        posting = await poster.send(
            reversal,
            "reverse",
            lambda: poster.connection.target.reverse(original, reversal, on),
        )
        return await self._taken_back(posting, original, request.document, Kind.PAYMENT)

    @activity.defn(name="prepare again")
    async def prepare_again(self, request: RepostRequest) -> StepResult:
        """Try whether an edited invoice can be posted anew, before it is taken back."""
        row = await self._row(request.document)
        await InvoiceDesk(self._poster(request.document)).rehearse(row, request)
        return StepResult(how="it can be posted anew")

    @activity.defn(name="prepare reversal")
    async def prepare_reversal(self, request: StepRequest) -> StepResult:
        """See whether an invoice can be taken back, before its money is made loose."""
        poster, row = self._poster(request.document), await self._row(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        await InvoiceDesk(poster).reversal(row, original, reversal, request.posting_date)
        for found in await poster.connection.target.find_customers(number=row.target_party):
            refuse_blocked(found, "All")
        return StepResult(how="it can be taken back")

    @activity.defn(name="reverse invoice")
    async def reverse_invoice(self, request: StepRequest) -> StepResult:
        """Post a credit memo of the same lines, applied to the invoice it takes back."""
        poster = self._poster(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        row = await self._row(request.document)
        desk, wanted = InvoiceDesk(poster), request.posting_date
        record = await desk.reversal(row, original, reversal, wanted)
        await poster.prepare(reversal, record)
        posting, how = await poster.post(reversal)
        if is_in_ledger(posting):
            settling = SettlingDesk(poster.connection, self.place.store)
            number = await self._number_of(request, original)
            posting = await settling.settle_credit(reversal, posting, original, number)
            row = await self._row(request.document)
            is_fee = original.kind is Kind.LATE_FEE
            fees = self._late_fees(request.document)
            row = await fees.summed(row) if is_fee else rows.reversed_once_more(row, original)
            await self.place.store.documents.save(row)
        return result(f"{how} as a credit memo", posting)

    async def _invoice_posted(
        self, document: DocumentRef, key: Key, posting: Posting, fingerprint: str
    ) -> None:
        row = await self._row(document)
        if key.kind is Kind.LATE_FEE:
            await self._late_fees(document).posted(row, key, posting)
            return
        await self._write_posting(row, key, posting, fingerprint)

    async def _over_all(self, row: DocumentRow) -> DocumentRow:
        connection = self.place.connection(row.connection)
        return await LateFeeDesk(connection, self.place.store).summed(row)

    async def _number_of(self, request: StepRequest, key: Key) -> str:
        """The target's number of what is settled."""
        if key.kind in (Kind.REFUND, Kind.LATE_FEE):
            return await self._late_fees(request.document).number_of(key)
        return (await self._row(request.document)).target_number

    def _late_fees(self, document: DocumentRef) -> LateFeeDesk:
        return LateFeeDesk(self._connection(document), self.place.store)

    async def _receipts(
        self, request: StepRequest, payment_id: str
    ) -> tuple[ReceiptDesk, DocumentRow]:
        """Who makes the records of the invoice's payments, and the row of one."""
        desk = ReceiptDesk(self._poster(request.document), await self._row(request.document))
        return desk, await self._row(request.document, Kind.PAYMENT, payment_id)

    async def _payment_posted(self, request: StepRequest, key: Key, posting: Posting) -> None:
        row = await self._row(request.document, Kind.PAYMENT, key.source_id)
        if not is_in_ledger(posting):
            await self.place.store.documents.save(rows.created(row, posting, fingerprint=""))
            return
        payment = _payment(request)
        digest = await self._made_of(key, payment.fingerprint())
        kept = await self.place.store.postings.get(key.text())
        row = rows.converted(rows.posted(row, key, posting, digest), kept)
        await self._with_reference(await self.place.store.documents.save(row))
        if payment.overpayment_id:
            entries = CreditEntries(self._connection(request.document), self.place.store)
            await entries.remember(payment.overpayment_id, key)

    async def _is_settled(self, request: StepRequest) -> bool:
        """Whether the invoice has nothing open now; if so its row is closed with this step."""
        row = await self._row(request.document)
        connection = self._connection(request.document)
        key = connection.key(Kind.INVOICE, row.source_id, row.generation)
        settled = (await connection.target.lookup_number(key, row.target_number)).is_settled
        if settled and request.closes:
            await self.place.store.documents.save(row.model_copy(update={"closed": True}))
        return settled


def _payment(request: StepRequest) -> Payment:
    if request.payment is None:
        raise LookupError("a payment step comes with the payment")
    return request.payment
