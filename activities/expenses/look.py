"""Looking at an expense: the source, the policy, what people said, and what the target says."""

from __future__ import annotations

from dataclasses import dataclass

from activities import rows
from activities.decisions import require_proof
from activities.expenses.claiming import Membership
from activities.expenses.evidence import Evidence, evidence_of, foreseen
from activities.identity import refuse_alias
from activities.observing import Observing, past_reversals
from activities.signatures import DocumentRef
from activities.signatures_expenses import ExpenseLook, ExpenseLookRequest
from connectors.ports import Unreadable
from documents.claim import Shown
from documents.expense import Expense
from documents.hold import Hold
from documents.invoice import InvoiceStage
from documents.key import Kind
from documents.plan import StepName
from documents.posting import PostingState
from documents.review import Verdict, verdict_text
from documents.row import Action, Decision, DocumentRow, PostingRow
from policies.expenses import approvals, membership
from policies.expenses.decide import ExpensePlan, decide
from policies.expenses.facts import ExpenseFacts
from policies.expenses.rules import DUPLICATE
from policies.expenses.settings import ExpensePolicy
from policies.facts import Record

_KINDS = (Kind.EXPENSE, Kind.EXPENSE_REVERSAL)
_WITH_EXPENSE = (StepName.POST_EXPENSE, StepName.ADOPT_EXPENSE)
_UNPROVEN = "the answer lacks the proof of a person who was recognised"


@dataclass(frozen=True)
class ExpenseObserver(Observing):
    """Looks at one expense of one connection and writes down what it saw and decided."""

    async def look(self, request: ExpenseLookRequest) -> ExpenseLook:
        policy, document = self.connection.expenses, request.document
        if policy is None:
            return ExpenseLook(**self._ignored("expenses are not set up on this connection"))
        found = await self.connection.source.expense(document.source_id)
        refuse_alias(document.source_id, found)
        row = await self._stored(document)
        if row is None and found is None:
            return ExpenseLook(**self._ignored("not known at the source"))
        row = _seen(row or DocumentRow(**document.model_dump()), found)
        require_proof(row, request.decision, self.connection.policy, self.seal)
        await self._doubt.release(row.hold, request.decision)
        held_for, row = row.hold, rows.decided(row, request.decision)
        evidence = await evidence_of(self.connection, self.store, found, policy, row)
        facts = await self._facts(row, found, evidence)
        facts = membership.with_answers(await self._membership.joined(facts, policy))
        if _clears(held_for, request.decision):
            facts = facts.reviewed(
                facts.review.clear(facts.version, (each.source_id for each in facts.alike))
            )
        facts, refused = self._heard(facts, request.verdict, policy)
        planned = decide(facts, policy)
        row = await self._planned(facts.record, planned.plan, facts.key)
        await self._membership.note(facts, planned, policy)
        await self._looked(document, found)
        return self._report(row, facts, planned, refused)

    async def consider(
        self, document: DocumentRef, policy: ExpensePolicy
    ) -> tuple[Expense | Unreadable | None, ExpenseFacts, ExpensePlan]:
        """What a look would find and decide now. Nothing is written down."""
        found = await self.connection.source.expense(document.source_id)
        row = await self._stored(document)
        row = _seen(row or DocumentRow(**document.model_dump()), found)
        evidence = await foreseen(self.connection, self.store, found, policy)
        facts = await self._facts(row, found, evidence)
        facts = membership.with_answers(await self._membership.joined(facts, policy))
        return found, facts, decide(facts, policy)

    @property
    def _membership(self) -> Membership:
        return Membership(self.connection.name, self.store)

    async def _facts(
        self, row: DocumentRow, found: Expense | Unreadable | None, evidence: Evidence
    ) -> ExpenseFacts:
        record = await self._record(row)
        return ExpenseFacts(
            expense=found if isinstance(found, Expense) else None,
            unreadable=found.hold if isinstance(found, Unreadable) else None,
            withdrawn=isinstance(found, Unreadable) and found.stage is InvoiceStage.DELETED,
            receipt=evidence.receipt,
            alike=evidence.alike,
            spent=evidence.spent,
            record=record,
            review=row.review,
            now=self.now,
        )

    async def _record(self, row: DocumentRow) -> Record:
        found: list[PostingRow] = []
        if row.version:
            found = await self.store.postings.of_document(row.connection, _KINDS, row.source_id)
        record = Record(
            tag=self.connection.tag, row=row, postings={each.key: each for each in found}
        )
        asked = [each for each in found if self._is_open(record, each)]
        target = {each.key: await self._lookup(each) for each in asked}
        return past_reversals(record.model_copy(update={"target": target}), Kind.EXPENSE)

    def _is_open(self, record: Record, posting: PostingRow) -> bool:
        """What only the target can answer: an unanswered send, and the present posting."""
        present = record.key(Kind.EXPENSE, record.row.source_id, record.row.generation)
        is_present = posting.key == present.text() and posting.state is not PostingState.ABSENT
        return bool(posting.send) or is_present

    def _heard(
        self, facts: ExpenseFacts, verdict: Verdict | None, policy: ExpensePolicy
    ) -> tuple[ExpenseFacts, str]:
        """The facts with a verdict that counts, and why it does not if it does not."""
        if verdict is None:
            return facts, ""
        row = facts.record.row
        if not self.seal.verify(
            verdict_text(row.connection, row.source_id, verdict), verdict.proof
        ):
            return facts, _UNPROVEN
        need = decide(facts, policy).need
        problem = approvals.refusal(verdict, need, facts.review.verdicts)
        if problem or need is None:
            return facts, problem
        given = verdict.model_copy(update={"level": need.level})
        review = facts.review.model_copy(update={"verdicts": (*facts.review.verdicts, given)})
        return facts.reviewed(review), ""

    def _report(
        self, row: DocumentRow, facts: ExpenseFacts, planned: ExpensePlan, refused: str
    ) -> ExpenseLook:
        posts = any(step.name in _WITH_EXPENSE for step in planned.plan.steps)
        return ExpenseLook(
            **self._told(row, planned.plan),
            expense=facts.expense if posts else None,
            payer=planned.payer,
            vendor=planned.vendor,
            need=planned.need,
            asking=planned.asking,
            shown=_shown(facts, planned),
            findings=tuple(str(f) for f in planned.findings),
            verdicts=facts.review.of(facts.version),
            refused=refused,
        )


def _shown(facts: ExpenseFacts, planned: ExpensePlan) -> tuple[Shown, ...]:
    """What people see who have to answer."""
    if planned.need is None or facts.expense is None:
        return ()
    return (membership.shown(facts.expense, planned.findings),)


def _clears(hold: Hold | None, decision: Decision | None) -> bool:
    """A release says that somebody looked at the others only where the hold was about them."""
    released = decision is not None and decision.action is Action.RELEASE
    return released and hold is not None and DUPLICATE in hold.values


def _seen(row: DocumentRow, found: Expense | Unreadable | None) -> DocumentRow:
    """The row with what the source now says. What was posted stays until the next posting."""
    if found is None or row.fingerprint:
        return row
    if isinstance(found, Unreadable):
        return row.model_copy(update={"source_number": found.number, "amount": found.amount})
    return row.model_copy(
        update={
            "source_number": found.source_id,
            "party_id": f"staff-{found.staff.source_id}",
            "amount": found.gross,
        }
    )
