"""The decision of a bill: from what it is and what was paid on it to the next steps.

A pure function, called inside the activity that looks. Whatever happens before and in which
order, at most one unreversed posting stands for a bill and for each of its payments.
"""

from __future__ import annotations

from documents.bill import Bill
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import PostingState
from documents.row import Action
from policies import holds as common
from policies import payables
from policies.bills import holds, payments
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy


def decide(facts: BillFacts, policy: BillPolicy) -> Plan:
    """The next steps of one bill, with reasons. Never raises for any state of the world."""
    decision = facts.record.row.decision
    if decision and decision.action is Action.SKIP:
        return _left_out(facts, f"skip decided by {decision.who}")
    if decision and decision.action is Action.ABANDON:
        return _withdrawn(facts, f"abandon decided by {decision.who}")
    if facts.is_withdrawn:
        return _withdrawn(facts, "deleted at the source")
    bill = facts.bill
    if bill is None:
        assert facts.unreadable is not None, "what is neither readable nor deleted has a hold"
        return Plan.held(facts.unreadable)
    if facts.record.is_live(facts.key):
        return _in_ledger(facts, bill, policy)
    if decision and decision.action is Action.ADOPT:
        return _adopt(facts, bill)
    return _not_posted(facts, bill, policy)


def _not_posted(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    if policy.cut_over_date and bill.document_date < policy.cut_over_date:
        return payables.left_out(
            facts.record, facts.key, f"dated {bill.document_date}, before the cut-over"
        )
    if facts.record.state(facts.key) is PostingState.REVERSED:
        return Plan.held(common.reversed_there("Bill", bill.number))
    if not policy.vendor_number(bill.vendor):
        return Plan.held(holds.vendor_unknown(bill))
    decision = facts.record.row.decision
    if facts.alike and not (decision and decision.released):
        return Plan.held(holds.duplicate(bill, facts.alike))
    if facts.record.row.fingerprint and facts.record.is_gone(facts.key):
        return Plan.held(holds.draft_gone(bill))
    if payables.waits_in_target(facts.record, facts.key, bill.fingerprint()):
        return Plan(outcome=Outcome.WAITING, reason=facts.record.row.reason)
    why = f"bill {bill.number} of {bill.vendor.name} over {bill.total} is not posted"
    return _taken_over(bill, _posting(facts, why))


def _in_ledger(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    if facts.record.row.target_number:
        return _posted(facts, bill, policy)
    if facts.record.is_adopted(facts.key):
        return _adopt(facts, bill)
    return _taken_over(bill, _posting(facts, payables.IN_LEDGER))


def _adopt(facts: BillFacts, bill: Bill) -> Plan:
    return _taken_over(bill, payables.adoption(facts.record, facts.key, StepName.ADOPT_BILL))


def _posting(facts: BillFacts, why: str) -> Step:
    source_id = facts.record.row.source_id
    return Step(name=StepName.POST_BILL, key=facts.key.text(), source_id=source_id, why=why)


def _taken_over(bill: Bill, step: Step) -> Plan:
    return Plan.doing(f"waits for payment of {bill.outstanding}", step)


def _posted(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    row = facts.record.row
    if bill.fingerprint() != row.fingerprint:
        return _edited(facts, bill, policy)
    if facts.posted and facts.posted.unpaid:
        return Plan.held(holds.settled_unpaid(row))
    if policy.payments == "target":
        return _waits(facts, bill)
    problem = payments.problem(facts, bill, policy)
    if problem:
        return Plan.held(problem)
    steps = payments.steps(facts)
    if steps:
        return Plan.doing(_open_reason(facts, bill), *steps)
    return _waits(facts, bill)


def _waits(facts: BillFacts, bill: Bill) -> Plan:
    posted = facts.posted
    if posted is None or not posted.is_settled:
        return Plan(outcome=Outcome.WAITING, reason=_open_reason(facts, bill))
    if bill.outstanding.amount <= 0:
        return Plan(outcome=Outcome.CLOSED, reason="paid and settled on both sides")
    return Plan(
        outcome=Outcome.CLOSED,
        reason=(
            f"settled in target: FreshBooks still shows {bill.outstanding} outstanding; record "
            "the payment there"
        ),
    )


def _open_reason(facts: BillFacts, bill: Bill) -> str:
    posted = facts.posted
    left = posted.remaining if posted and posted.remaining is not None else bill.outstanding
    number = facts.record.row.target_number
    return f"posted as {number}, waits for payment of {left}"


def _edited(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    row = facts.record.row
    if facts.live_payments or _is_touched(facts):
        return Plan.held(holds.edited_after_payment(bill, row, facts.paid_there))
    if policy.edits == "hold":
        return Plan.held(holds.edited(bill, row))
    return payables.reversal(
        facts.record, facts.key, StepName.REVERSE_BILL, "the bill was edited after posting"
    )


def _withdrawn(facts: BillFacts, why: str) -> Plan:
    if not facts.record.is_live(facts.key):
        return _taken_back(facts, why)
    steps = tuple(payments.withdrawn(facts, every=True))
    if steps:
        return Plan.doing(why, *steps)
    if _is_touched(facts):
        return Plan.held(holds.withdrawn_after_payment(facts.record.row, facts.paid_there))
    return _reverse(facts, why)


def _taken_back(facts: BillFacts, why: str) -> Plan:
    row = facts.record.row
    if row.reversed_count and not facts.record.is_under_way(facts.key):
        return Plan(outcome=Outcome.CLOSED, reason=f"{why}, reversed in the target")
    return _left_out(facts, why)


def _is_touched(facts: BillFacts) -> bool:
    """Whether something settles the bill in the target."""
    return bool(facts.paid_there)


def _left_out(facts: BillFacts, why: str) -> Plan:
    return payables.left_out(facts.record, facts.key, why)


def _reverse(facts: BillFacts, why: str) -> Plan:
    return payables.reversal(facts.record, facts.key, StepName.REVERSE_BILL, why)
