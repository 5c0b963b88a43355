"""Looking at both sides of an invoice: the present state, our record, the plan."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from activities import rows
from activities.credits import CreditEntries
from activities.decisions import require_proof
from activities.identity import refuse_alias
from activities.observing import Observing, past_reversals
from activities.signatures import DocumentRef, Look, LookRequest
from connectors.ports import Unreadable
from documents.invoice import Invoice, InvoiceStage
from documents.key import Key, Kind
from documents.plan import Plan, StepName
from documents.posting import UNPOSTED, Posting, PostingState
from documents.row import DocumentRow, PostingRow
from policies import late_fees
from policies.converting import in_books
from policies.facts import CASH, Record, Source
from policies.order_to_cash import decide

_OF_AN_INVOICE = (
    Kind.INVOICE,
    Kind.INVOICE_REVERSAL,
    Kind.LATE_FEE,
    Kind.LATE_FEE_REVERSAL,
)
_WITH_INVOICE = (StepName.POST_INVOICE, StepName.ADOPT_INVOICE, StepName.PREPARE_AGAIN)
_RECEIPTS = (Kind.PAYMENT, Kind.REFUND)
_OF_A_PAYMENT = (*CASH, Kind.PAYMENT_REVERSAL, Kind.REFUND_REVERSAL)


@dataclass(frozen=True)
class Observer(Observing):
    """Looks at one invoice of one connection and writes down what it saw and decided."""

    async def look(self, request: LookRequest) -> Look:
        document = request.document
        found, source = await self._source(document.source_id)
        row = await self._stored(document)
        if row is None and found is None:
            return Look(**self._ignored("not known at the source"))
        stored = row or DocumentRow(**document.model_dump())
        row = rows.seen(stored, found)
        require_proof(row, request.decision, self.connection.policy, self.seal)
        await self._doubt.release(stored.hold, request.decision)
        children = await self._children(row)
        row, known = rows.decided_about(row, children, request.decision)
        source, record = await self._both(row, known, source)
        plan = decide(source, record, self.connection.policy)
        row = await self._write_down(record, source, plan, [stored, *children.values()])
        await self._looked(document, found)
        return self._report(row, plan, source)

    async def consider(
        self, document: DocumentRef
    ) -> tuple[Invoice | Unreadable | None, Source, Record, Plan]:
        """What a look would find and decide now. Nothing is written down."""
        found, source = await self._source(document.source_id)
        row = await self._stored(document)
        row = rows.seen(row or DocumentRow(**document.model_dump()), found)
        source, record = await self._both(row, await self._children(row), source)
        return found, source, record, decide(source, record, self.connection.policy)

    async def _source(self, invoice_id: str) -> tuple[Invoice | Unreadable | None, Source]:
        port = self.connection.source
        found, payments = await asyncio.gather(port.invoice(invoice_id), port.payments(invoice_id))
        refuse_alias(invoice_id, found)
        if isinstance(found, Unreadable):
            unreadable = Source(unreadable=found.hold, unreadable_stage=found.stage)
            return found, unreadable.model_copy(update={"payments": tuple(payments)})
        return found, Source(invoice=found, payments=tuple(payments))

    async def _children(self, row: DocumentRow) -> dict[str, DocumentRow]:
        """The rows of the invoice's payments, by id."""
        if not row.version:
            return {}
        documents = self.store.documents
        found = await documents.children(row.connection, Kind.PAYMENT, row.source_id)
        return {child.source_id: child for child in found}

    async def _both(
        self, row: DocumentRow, children: dict[str, DocumentRow], source: Source
    ) -> tuple[Source, Record]:
        """Both sides: a late fee stands apart where our record says so."""
        ids = children.keys() | {payment.source_id for payment in source.payments}
        postings = {p.key: p for p in await self._postings(row, ids)}
        entries = await self._credits.entries(source.payments)
        record = Record(
            tag=self.connection.tag,
            row=row,
            postings=postings,
            payments=children,
            credits=entries,
            credit_rates=await self._credits.rates(entries.values()),
        )
        target = await self._ask(record, self._open_questions(record))
        record = record.model_copy(update={"target": target})
        record = past_reversals(record, Kind.INVOICE)
        source = late_fees.apart(source, record, self.connection.policy)
        if self._cash_is_unclear(record, source):
            cash = [p.key for p in postings.values() if p.kind in _RECEIPTS and p.number]
            uses = await self._credits.uses(record)
            target = {**target, **await self._ask(record, cash), **uses}
        return source, record.model_copy(update={"target": target})

    @property
    def _credits(self) -> CreditEntries:
        return CreditEntries(self.connection, self.store)

    async def _postings(self, row: DocumentRow, ids: Iterable[str]) -> list[PostingRow]:
        """Every posting of the invoice and of its payments, deleted ones included."""
        if not row.version:
            return []
        name, store = row.connection, self.store
        found = await store.postings.of_document(name, _OF_AN_INVOICE, row.source_id)
        for payment_id in sorted(ids):
            found += await store.postings.of_document(name, _OF_A_PAYMENT, payment_id)
        return found

    def _open_questions(self, record: Record) -> list[str]:
        """What only the target can answer: the present posting, and whatever we began and do not
        know to be in the ledger. What was refused may stand there as a draft."""
        present = (record.invoice_key.text(), late_fees.fee_key(record).text())
        return [
            text
            for text, posting in record.postings.items()
            if posting.send or text in present or _is_begun(posting)
        ]

    async def _ask(self, record: Record, keys: list[str]) -> dict[str, Posting]:
        answers = await asyncio.gather(*(self._lookup(record.postings[text]) for text in keys))
        return dict(zip(keys, answers, strict=True))

    @staticmethod
    def _cash_is_unclear(record: Record, source: Source) -> bool:
        """The payments themselves are asked only when the open amounts of both sides differ, or
        one of them was given back."""
        posted = record.target.get(record.invoice_key.text())
        if source.invoice is None or posted is None or posted.remaining is None:
            return bool(record.live(*_RECEIPTS))
        if source.invoice.stage is not InvoiceStage.FINAL:
            return True
        refunded = any(payment.is_refund for payment in source.payments)
        booked = in_books(source, record).invoice or source.invoice
        is_apart = posted.remaining.amount != booked.owed.amount
        is_edited = source.invoice.fingerprint() != record.row.fingerprint
        return refunded or is_apart or is_edited or late_fees.is_unclear(source, record)

    async def _write_down(
        self, record: Record, source: Source, plan: Plan, stored: Sequence[DocumentRow]
    ) -> DocumentRow:
        """Save what is not stored already: the invoice's row, then those of its payments."""
        row, documents, policy = record.row, self.store.documents, self.connection.policy
        live = record.is_live(record.invoice_key) and not late_fees.is_waiting(source, record)
        after = rows.planned(row, plan, live=live, now=self.now)
        saved = after if row.version and after in stored else await documents.save(after)
        for payment in rows.payment_rows(saved, source.payments, record, policy):
            if payment not in stored:
                await documents.save(payment)
        await self._credits.remember_all(source.payments, record)
        await self._note_what_people_reversed(record)
        return saved

    async def _note_what_people_reversed(self, record: Record) -> None:
        """A posting that people took back does not stand any more, whatever follows it."""
        for row in record.postings.values():
            found = record.target.get(row.key)
            if row.kind in _TAKEN_BACK and found and found.state is PostingState.REVERSED:
                back = Key.parse(row.key).of_kind(row.kind.reversal)
                if row.state is PostingState.POSTED and not record.is_posted(back):
                    await self.store.postings.confirm(row.key, found)

    def _report(self, row: DocumentRow, plan: Plan, source: Source) -> Look:
        posts = any(step.name in _WITH_INVOICE for step in plan.steps)
        return Look(
            **self._told(row, plan),
            invoice=source.invoice if posts else None,
            late_fee=source.late_fee if posts else None,
        )


_TAKEN_BACK = (Kind.INVOICE, Kind.PAYMENT, Kind.REFUND)
"""What people may reverse in the target."""


def _is_begun(posting: PostingRow) -> bool:
    """Opened to be sent, and not known as posted. An application of credit is no posting."""
    is_open = posting.state in (PostingState.ABSENT, *UNPOSTED)
    return is_open and posting.kind is not Kind.CREDIT_APPLICATION
