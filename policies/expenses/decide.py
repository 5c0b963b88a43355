"""The decision of an expense: from what it is and what people said to the next steps.

A pure function, called inside the activity that looks. Three things hold whatever happens before
and in which order: one unreversed posting per expense, only a version that was approved is
posted, and nobody approves their own claim.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from documents.claim import Part
from documents.expense import Expense, Payer
from documents.hold import Hold
from documents.plan import Outcome, Plan, Step, StepName
from documents.review import ApprovalNeed, Asked
from documents.row import Action
from policies import payables
from policies.expenses import approvals, holds, membership
from policies.expenses.facts import ExpenseFacts
from policies.expenses.payer import link_of, who_paid
from policies.expenses.rules import Finding, findings, gravest
from policies.expenses.settings import ExpensePolicy, Severity

WAITS_FOR_APPROVAL = "approval"
"""The stage of an expense that people have to answer about."""


class ExpensePlan(BaseModel):
    """The plan, and what it rests on: who paid, what the policy found, whose answer is missing
    and who is to be asked now. `part` is there while it waits with its claim."""

    model_config = ConfigDict(frozen=True)

    plan: Plan
    payer: Payer | None = None
    vendor: str = ""
    findings: tuple[Finding, ...] = ()
    need: ApprovalNeed | None = None
    asking: Asked | None = None
    part: Part | None = None


def decide(facts: ExpenseFacts, policy: ExpensePolicy) -> ExpensePlan:
    """The next steps of one expense, with reasons. Never raises for any state of the world."""
    decision = facts.record.row.decision
    if decision and decision.action is Action.SKIP:
        return _given_up(facts, f"skip decided by {decision.who}")
    if decision and decision.action is Action.ABANDON:
        return _withdrawn(facts, f"abandon decided by {decision.who}")
    if facts.is_withdrawn:
        return _withdrawn(facts, "withdrawn at the source")
    expense = facts.expense
    if expense is None:
        assert facts.unreadable is not None, "what is neither readable nor withdrawn has a hold"
        return _held(facts.unreadable)
    payer = who_paid(expense, policy)
    if facts.record.is_live(facts.key):
        return _in_ledger(facts, expense, payer, policy)
    if decision and decision.action is Action.ADOPT:
        return _adopt(facts, expense, payer, policy)
    return _not_posted(facts, expense, payer, policy)


def _in_ledger(
    facts: ExpenseFacts, expense: Expense, payer: Payer, policy: ExpensePolicy
) -> ExpensePlan:
    if facts.record.row.target_number:
        return _posted(facts, expense, payer, policy)
    if facts.record.is_adopted(facts.key):
        return _adopt(facts, expense, payer, policy)
    step = _posting(facts, payables.IN_LEDGER)
    return _take_over(expense, payer, policy, step, "found in the ledger")


def _adopt(
    facts: ExpenseFacts, expense: Expense, payer: Payer, policy: ExpensePolicy
) -> ExpensePlan:
    step = payables.adoption(facts.record, facts.key, StepName.ADOPT_EXPENSE)
    return _take_over(expense, payer, policy, step, f"adopts {step.number}")


def _posting(facts: ExpenseFacts, why: str) -> Step:
    source_id = facts.record.row.source_id
    return Step(name=StepName.POST_EXPENSE, key=facts.key.text(), source_id=source_id, why=why)


def _take_over(
    expense: Expense, payer: Payer, policy: ExpensePolicy, step: Step, reason: str
) -> ExpensePlan:
    plan = Plan.doing(reason, step)
    person, of_company = link_of(expense.staff, policy), payer is Payer.COMPANY
    vendor = person.vendor if person and not of_company else ""
    kind = Payer.COMPANY if of_company else Payer.PERSON
    return ExpensePlan(plan=plan, payer=kind, vendor=vendor)


def _not_posted(
    facts: ExpenseFacts, expense: Expense, payer: Payer, policy: ExpensePolicy
) -> ExpensePlan:
    if policy.cut_over_date and expense.document_date < policy.cut_over_date:
        return _ignored(f"dated {expense.document_date}, before the cut-over")
    if payer is Payer.UNDECIDED:
        return _held(holds.undecided(expense))
    if payer is Payer.FEED:
        return _given_up(facts, "the target's own feed or a bill books it")
    if payer is Payer.COMPANY and policy.company_paid == "ignore":
        return _given_up(facts, "the company paid, and the target's own feed books it")
    person = link_of(expense.staff, policy)
    if payer is Payer.PERSON and (person is None or not person.vendor):
        return _held(holds.claimant_unknown(expense))
    found = findings(facts, policy)
    severity = gravest(found)
    if severity in (Severity.CORRECTION, Severity.REFUSED):
        return _held(holds.against_policy(found, severity), payer, found)
    vendor = person.vendor if person and payer is Payer.PERSON else ""
    if payer is Payer.PERSON and facts.claim is not None:
        return _with_claim(facts, expense, vendor, found, policy)
    return _to_approve(facts, expense, payer, vendor, found, policy)


def _to_approve(
    facts: ExpenseFacts,
    expense: Expense,
    payer: Payer,
    vendor: str,
    found: tuple[Finding, ...],
    policy: ExpensePolicy,
) -> ExpensePlan:
    levels = approvals.levels_of(expense, payer, found, policy)
    ballot = approvals.ballot_of(facts, policy)
    no = approvals.rejected(facts)
    if levels and no:
        return _held(holds.rejected(no), payer, found)
    need = approvals.need_of(ballot, levels, policy)
    if need is None:
        return _post(facts, expense, payer, vendor, found)
    if not need.approvers:
        return _held(holds.nobody_may_approve(need), payer, found)
    asking = approvals.is_due(ballot, need, policy)
    need = approvals.waiting(ballot, need, asking, policy)
    names = " or ".join(need.approvers)
    reason = f"waits for {names} to approve {expense.gross} (level {need.level} of {need.levels})"
    steps = (_ask(facts, asking),) if asking else ()
    plan = Plan(outcome=Outcome.WAITING, reason=reason, steps=steps, stage=WAITS_FOR_APPROVAL)
    return ExpensePlan(
        plan=plan, payer=payer, vendor=vendor, findings=found, need=need, asking=asking
    )


def _with_claim(
    facts: ExpenseFacts,
    expense: Expense,
    vendor: str,
    found: tuple[Finding, ...],
    policy: ExpensePolicy,
) -> ExpensePlan:
    """Approved with the other expenses of the person and period, posted and paid by itself."""
    part = membership.part_of(facts, expense, found, policy)
    standing = membership.standing(facts, part, policy)
    if standing.hold:
        planned = _held(standing.hold, Payer.PERSON, found)
    elif standing.waits:
        plan = Plan(outcome=Outcome.WAITING, reason=standing.waits, stage=standing.stage)
        planned = ExpensePlan(plan=plan, payer=Payer.PERSON, vendor=vendor, findings=found)
    else:
        planned = _post(facts, expense, Payer.PERSON, vendor, found)
    return planned.model_copy(update={"part": part})


def _ask(facts: ExpenseFacts, asking: Asked) -> Step:
    again = "" if asking.times == 1 else f", for the {asking.times}. time"
    return Step(
        name=StepName.ASK_APPROVAL,
        key=facts.key.text(),
        source_id=facts.record.row.source_id,
        why=f"{' and '.join(asking.who)} may approve level {asking.level}{again}",
    )


def _post(
    facts: ExpenseFacts, expense: Expense, payer: Payer, vendor: str, found: tuple[Finding, ...]
) -> ExpensePlan:
    if payables.waits_in_target(facts.record, facts.key, expense.fingerprint()):
        return ExpensePlan(plan=Plan(outcome=Outcome.WAITING, reason=facts.record.row.reason))
    names = ", ".join(v.who for v in approvals.approved(facts))
    by = f"approved by {names}" if names else "within the policy"
    why = f"expense {expense.source_id} over {expense.gross} is {by} and not posted"
    plan = Plan.doing(f"waits for payment of {expense.gross}", _posting(facts, why))
    return ExpensePlan(plan=plan, payer=payer, vendor=vendor, findings=found)


def _posted(
    facts: ExpenseFacts, expense: Expense, payer: Payer, policy: ExpensePolicy
) -> ExpensePlan:
    row = facts.record.row
    if expense.fingerprint() != row.fingerprint:
        if policy.edits == "hold" or facts.is_touched:
            return _held(holds.edited(facts, expense), payer)
        return _reverse(facts, "the expense was edited after posting")
    if payer is Payer.PERSON and not facts.is_settled:
        open_ = facts.posted.remaining if facts.posted and facts.is_touched else None
        rest = f"{open_} of {expense.gross}" if open_ else str(expense.gross)
        reason = f"posted as {row.target_number}, waits for payment of {rest}"
        return ExpensePlan(plan=Plan(outcome=Outcome.WAITING, reason=reason), payer=payer)
    if payer is Payer.PERSON and facts.posted and facts.posted.unpaid and not facts.was_told:
        return _held(holds.settled_unpaid(facts), payer)
    return _finished(facts, payer)


def _finished(facts: ExpenseFacts, payer: Payer) -> ExpensePlan:
    number = facts.record.row.target_number
    word = "paid" if payer is Payer.PERSON else "posted"
    text = f"{word} as {number}"
    if facts.review.told == text:
        reason = "paid to the person" if word == "paid" else "posted against the company's money"
        return ExpensePlan(plan=Plan(outcome=Outcome.CLOSED, reason=reason), payer=payer)
    step = Step(
        name=StepName.MARK_EXPENSE,
        key=facts.key.text(),
        source_id=facts.record.row.source_id,
        number=text,
        why=f"the claimant and the source are told that it is {text}",
    )
    plan = Plan.doing(text, step)
    return ExpensePlan(plan=plan, payer=payer)


def _withdrawn(facts: ExpenseFacts, why: str) -> ExpensePlan:
    if facts.record.is_live(facts.key):
        if facts.is_touched:
            return _held(holds.to_recover(facts))
        return _reverse(facts, why)
    if facts.record.row.reversed_count and not facts.record.is_under_way(facts.key):
        return ExpensePlan(plan=Plan(outcome=Outcome.CLOSED, reason=f"{why}, reversed"))
    return _given_up(facts, why)


def _given_up(facts: ExpenseFacts, why: str) -> ExpensePlan:
    """Not to be posted, or not any more."""
    return ExpensePlan(plan=payables.left_out(facts.record, facts.key, why))


def _reverse(facts: ExpenseFacts, why: str) -> ExpensePlan:
    name = StepName.REVERSE_EXPENSE
    return ExpensePlan(plan=payables.reversal(facts.record, facts.key, name, why))


def _ignored(reason: str) -> ExpensePlan:
    return ExpensePlan(plan=Plan(outcome=Outcome.IGNORED, reason=reason))


def _held(hold: Hold, payer: Payer | None = None, found: tuple[Finding, ...] = ()) -> ExpensePlan:
    return ExpensePlan(plan=Plan.held(hold), payer=payer, findings=found)
