"""Looking at an expense: the source, the policy, what people said, and what the target says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities import rows
from activities.context import Connection
from activities.decisions import require_proof, second_person_for
from activities.doubt import Doubt, unless_posted
from activities.expenses.claiming import Membership
from activities.expenses.evidence import Evidence, evidence_of, foreseen
from activities.identity import refuse_alias
from activities.posting import is_adopted
from activities.signatures import DocumentRef
from activities.signatures_expenses import ExpenseLook, ExpenseLookRequest
from connectors.ports import Unreadable
from documents.claim import Shown
from documents.expense import Expense
from documents.hold import Hold
from documents.invoice import InvoiceStage
from documents.key import Key, Kind
from documents.plan import Outcome, Plan, StepName
from documents.posting import Posting, PostingState
from documents.review import Verdict, verdict_text
from documents.row import Action, Decision, DocumentRow, PostingRow
from policies.expenses import approvals, membership
from policies.expenses.decide import ExpensePlan, decide
from policies.expenses.facts import ExpenseFacts
from policies.expenses.rules import DUPLICATE
from policies.expenses.settings import ExpensePolicy
from policies.facts import Record
from store.seal import Seal
from store.store import Store

_KINDS = (Kind.EXPENSE, Kind.EXPENSE_REVERSAL)
_WITH_EXPENSE = (StepName.POST_EXPENSE, StepName.ADOPT_EXPENSE)
_UNPROVEN = "the answer lacks the proof of a person who was recognised"


@dataclass(frozen=True)
class ExpenseObserver:
    """Looks at one expense of one connection and writes down what it saw and decided."""

    connection: Connection
    store: Store
    seal: Seal
    now: datetime

    async def look(self, request: ExpenseLookRequest) -> ExpenseLook:
        policy, document = self.connection.expenses, request.document
        if policy is None:
            return self._ignored("expenses are not set up on this connection")
        found = await self.connection.source.expense(document.source_id)
        refuse_alias(document.source_id, found)
        row = await self.store.documents.get(document.connection, document.kind, document.source_id)
        if row is None and found is None:
            return self._ignored("not known at the source")
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
        row = await self._write_down(facts, planned.plan)
        await self._membership.note(facts, planned, policy)
        if found is not None:
            # The sweep need not tell us of what we have just looked at.
            await self.store.sightings.looked(
                document.connection, document.kind.value, document.source_id, found.version
            )
        return self._report(row, facts, planned, refused)

    async def consider(
        self, document: DocumentRef, policy: ExpensePolicy
    ) -> tuple[Expense | Unreadable | None, ExpenseFacts, ExpensePlan]:
        """What a look would find and decide now. Nothing is written down."""
        found = await self.connection.source.expense(document.source_id)
        row = await self.store.documents.get(document.connection, document.kind, document.source_id)
        row = _seen(row or DocumentRow(**document.model_dump()), found)
        evidence = await foreseen(self.connection, self.store, found, policy)
        facts = await self._facts(row, found, evidence)
        facts = membership.with_answers(await self._membership.joined(facts, policy))
        return found, facts, decide(facts, policy)

    @property
    def _membership(self) -> Membership:
        return Membership(self.connection.name, self.store)

    def _ignored(self, reason: str) -> ExpenseLook:
        plan = Plan(outcome=Outcome.IGNORED, reason=reason)
        return ExpenseLook(plan=plan, queue=self.connection.target_queue)

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
        target = {each.key: await self._ask(each) for each in asked}
        return _past_reversals(record.model_copy(update={"target": target}))

    async def _ask(self, ours: PostingRow) -> Posting:
        """What was adopted does not carry our key: it is found by its number."""
        if not is_adopted(ours):
            return await self._doubt.ask(ours)
        found = await self.connection.target.lookup_number(Key.parse(ours.key), ours.number)
        return unless_posted(ours, found)

    def _is_open(self, record: Record, posting: PostingRow) -> bool:
        """What only the target can answer: an unanswered send, and the present posting."""
        present = record.key(Kind.EXPENSE, record.row.source_id, record.row.generation)
        is_present = posting.key == present.text() and posting.state is not PostingState.ABSENT
        return bool(posting.send) or is_present

    @property
    def _doubt(self) -> Doubt:
        return Doubt(self.connection, self.store, lambda: self.now)

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

    async def _write_down(self, facts: ExpenseFacts, plan: Plan) -> DocumentRow:
        row = facts.record.row
        live = facts.record.is_live(facts.key)
        after = rows.planned(row, plan, live=live, now=self.now)
        before = await self.store.documents.get(row.connection, row.kind, row.source_id)
        return after if after == before else await self.store.documents.save(after)

    def _report(
        self, row: DocumentRow, facts: ExpenseFacts, planned: ExpensePlan, refused: str
    ) -> ExpenseLook:
        posts = any(step.name in _WITH_EXPENSE for step in planned.plan.steps)
        return ExpenseLook(
            plan=planned.plan,
            queue=self.connection.target_queue,
            document_number=row.source_number,
            target_number=row.target_number,
            amount=str(row.amount) if row.amount else "",
            version=row.version,
            second_person_for=second_person_for(row, self.connection.policy),
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


def _past_reversals(record: Record) -> Record:
    """A confirmed reversal ends a generation, also when the step that made it could not say so."""
    row = record.row
    key = record.key(Kind.EXPENSE, row.source_id, row.generation)
    while record.is_posted(key.of_kind(Kind.EXPENSE_REVERSAL)):
        row = rows.reversed_once_more(row, key)
        record = record.model_copy(update={"row": row})
        key = record.key(Kind.EXPENSE, row.source_id, row.generation)
    return record
