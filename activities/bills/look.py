"""Looking at a bill: the source, what was paid there, our record, and what the target says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from activities import rows
from activities.bills.children import payment_rows
from activities.decisions import require_proof
from activities.identity import refuse_alias
from activities.observing import Observing, past_reversals
from activities.signatures import DocumentRef, LookRequest
from activities.signatures_bills import BillLook
from connectors.ports import Unreadable
from documents.bill import Bill, BillPayment
from documents.invoice import InvoiceStage
from documents.key import Kind
from documents.plan import Plan, StepName
from documents.posting import UNPOSTED, Posting, PostingState
from documents.row import DocumentRow, DocumentState, PostingRow
from policies.bills.decide import decide
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy
from policies.facts import Record

_OF_A_BILL = (Kind.BILL, Kind.BILL_REVERSAL)
_OF_A_PAYMENT = (Kind.BILL_PAYMENT, Kind.BILL_PAYMENT_REVERSAL)
_WITH_BILL = (StepName.POST_BILL, StepName.ADOPT_BILL)


@dataclass(frozen=True)
class BillObserver(Observing):
    """Looks at one bill of one connection and writes down what it saw and decided."""

    async def look(self, request: LookRequest) -> BillLook:
        policy, document = self.connection.bills, request.document
        if policy is None:
            return BillLook(**self._ignored("bills are not set up on this connection"))
        source = self.connection.source
        found, paid = await asyncio.gather(
            source.bill(document.source_id), source.bill_payments(document.source_id)
        )
        refuse_alias(document.source_id, found)
        row = await self._stored(document)
        if row is None and found is None:
            return BillLook(**self._ignored("not known at the source"))
        row = _seen(row or DocumentRow(**document.model_dump()), found)
        require_proof(row, request.decision, self.connection.policy, self.seal)
        await self._doubt.release(row.hold, request.decision)
        row, children = rows.decided_about(row, await self._children(row), request.decision)
        facts = await self._facts(row, children, found, paid)
        plan = decide(facts, policy)
        row = await self._write_down(facts, plan, policy)
        await self._looked(document, found)
        return self._report(row, facts, plan, policy)

    async def consider(
        self, document: DocumentRef, policy: BillPolicy
    ) -> tuple[Bill | Unreadable | None, BillFacts, Plan]:
        """What a look would find and decide now. Nothing is written down."""
        source = self.connection.source
        found = await source.bill(document.source_id)
        paid = await source.bill_payments(document.source_id)
        row = await self._stored(document)
        row = _seen(row or DocumentRow(**document.model_dump()), found)
        facts = await self._facts(row, await self._children(row), found, paid)
        return found, facts, decide(facts, policy)

    async def _children(self, row: DocumentRow) -> dict[str, DocumentRow]:
        """The rows of the bill's payments, by id."""
        if not row.version:
            return {}
        documents = self.store.documents
        found = await documents.children(row.connection, Kind.BILL_PAYMENT, row.source_id)
        return {child.source_id: child for child in found}

    async def _facts(
        self,
        row: DocumentRow,
        children: dict[str, DocumentRow],
        found: Bill | Unreadable | None,
        paid: Iterable[BillPayment],
    ) -> BillFacts:
        bill = found if isinstance(found, Bill) else None
        facts = BillFacts(
            bill=bill,
            unreadable=found.hold if isinstance(found, Unreadable) else None,
            withdrawn=isinstance(found, Unreadable) and found.stage is InvoiceStage.DELETED,
            payments=tuple(paid),
            alike=await self._alike(row, bill) if bill else (),
            record=await self._record(row, children, [p.source_id for p in paid]),
        )
        unclear = [p.key for p in facts.live_payments if _is_unclear(facts)]
        asked = {**facts.record.target, **await self._ask(facts.record, unclear)}
        record = facts.record.model_copy(update={"target": asked})
        return facts.model_copy(update={"record": record})

    async def _alike(self, row: DocumentRow, bill: Bill) -> tuple[str, ...]:
        """Other bills of the vendor with the same number that go before this one: entered
        earlier, or posted. What was left out of the books is nobody's duplicate."""
        if row.fingerprint or not bill.number:
            return ()
        found = await self.store.documents.find_by_number(row.connection, bill.number)
        same = [
            each
            for each in found
            if each.kind is Kind.BILL
            and each.source_id != row.source_id
            and (each.source_number, each.party_id) == (bill.number, bill.vendor.source_id)
            and each.state is not DocumentState.IGNORED
        ]
        before = (each for each in same if each.fingerprint or _order(each) < _order(row))
        return tuple(sorted(each.source_id for each in before))

    async def _record(
        self, row: DocumentRow, children: dict[str, DocumentRow], paid: list[str]
    ) -> Record:
        found = await self._postings(row, {*children, *paid})
        postings = {each.key: each for each in found}
        record = Record(tag=self.connection.tag, row=row, postings=postings, payments=children)
        present = record.key(Kind.BILL, row.source_id, row.generation).text()
        questions = [
            each.key for each in found if each.send or each.key == present or _is_begun(each)
        ]
        target = await self._ask(record, questions)
        return past_reversals(record.model_copy(update={"target": target}), Kind.BILL)

    async def _postings(self, row: DocumentRow, payment_ids: set[str]) -> list[PostingRow]:
        """Every posting of the bill and of its payments, deleted ones included."""
        if not row.version:
            return []
        of_document = self.store.postings.of_document
        found = await of_document(row.connection, _OF_A_BILL, row.source_id)
        for payment_id in sorted(payment_ids):
            found += await of_document(row.connection, _OF_A_PAYMENT, payment_id)
        return found

    async def _ask(self, record: Record, keys: Iterable[str]) -> dict[str, Posting]:
        wanted = [key for key in keys if key not in record.target]
        answers = await asyncio.gather(*(self._lookup(record.postings[key]) for key in wanted))
        return dict(zip(wanted, answers, strict=True))

    async def _write_down(self, facts: BillFacts, plan: Plan, policy: BillPolicy) -> DocumentRow:
        saved = await self._planned(facts.record, plan, facts.key)
        stored = await self._children(saved)
        for payment in payment_rows(saved, facts, policy):
            if payment != stored.get(payment.source_id):
                await self.store.documents.save(payment)
        return saved

    def _report(
        self, row: DocumentRow, facts: BillFacts, plan: Plan, policy: BillPolicy
    ) -> BillLook:
        bill = facts.bill if any(step.name in _WITH_BILL for step in plan.steps) else None
        vendor = policy.vendor_number(bill.vendor) if bill else ""
        return BillLook(**self._told(row, plan), bill=bill, vendor=vendor)


def _order(row: DocumentRow) -> tuple[int, str]:
    """Which of two was entered first: ids rise."""
    return len(row.source_id), row.source_id


def _is_begun(posting: PostingRow) -> bool:
    """Opened to be sent, and not known as posted."""
    return posting.state in (PostingState.ABSENT, *UNPOSTED)


def _is_unclear(facts: BillFacts) -> bool:
    """The payments themselves are asked only when the open amounts of both sides differ."""
    posted, bill = facts.posted, facts.bill
    if posted is None or posted.remaining is None or bill is None:
        return True
    return posted.remaining.amount != bill.outstanding.amount


def _seen(row: DocumentRow, found: Bill | Unreadable | None) -> DocumentRow:
    """The row with what the source now says. What was posted stays until the next posting."""
    if found is None:
        return row
    number = found.number or found.source_id
    if row.fingerprint:
        return row.model_copy(update={"source_number": number})
    if isinstance(found, Unreadable):
        return row.model_copy(update={"source_number": number, "amount": found.amount})
    return row.model_copy(
        update={
            "source_number": number,
            "party_id": found.vendor.source_id,
            "amount": found.total,
        }
    )
