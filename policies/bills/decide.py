"""The decision of a bill: from what it is and what was paid on it to the next steps.

A pure function, called inside the activity that looks. Whatever happens before and in which
order, at most one unreversed posting stands for a bill and for each of its payments.
"""

from __future__ import annotations

from documents.bill import Bill
from documents.hold import Hold
from documents.key import Kind
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import PostingState
from documents.row import Action
from policies import holds as common
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
        return _held(facts.unreadable)
    if facts.record.is_live(facts.key):
        return _in_ledger(facts, bill, policy)
    if decision and decision.action is Action.ADOPT:
        return _adopt(facts, bill)
    return _not_posted(facts, bill, policy)


def _not_posted(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    if policy.cut_over_date and bill.document_date < policy.cut_over_date:
        return _left_out(facts, f"dated {bill.document_date}, before the cut-over")
    if facts.record.state(facts.key) is PostingState.REVERSED:
        return _held(common.reversed_there("Bill", bill.number))
    if not policy.vendor_number(bill.vendor):
        return _held(holds.vendor_unknown(bill))
    decision = facts.record.row.decision
    if facts.alike and not (decision and decision.released):
        return _held(holds.duplicate(bill, facts.alike))
    if facts.record.row.fingerprint and facts.record.is_gone(facts.key):
        return _held(holds.draft_gone(bill))
    if _waits_in_target(facts, bill):
        return Plan(outcome=Outcome.WAITING, reason=facts.record.row.reason)
    why = f"bill {bill.number} of {bill.vendor.name} over {bill.total} is not posted"
    return _taken_over(facts, bill, StepName.POST_BILL, why)


def _waits_in_target(facts: BillFacts, bill: Bill) -> bool:
    """Created as it is now, and a clerk or batch job of the target posts it when they do."""
    is_created = facts.record.state(facts.key) is PostingState.CREATED
    return is_created and facts.record.row.fingerprint == bill.fingerprint()


def _in_ledger(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    if facts.record.row.target_number:
        return _posted(facts, bill, policy)
    if facts.record.is_adopted(facts.key):
        return _adopt(facts, bill)
    why = "it is in the target's ledger already, and is taken over before anything else"
    return _taken_over(facts, bill, StepName.POST_BILL, why)


def _adopt(facts: BillFacts, bill: Bill) -> Plan:
    """What people posted by hand stands for the bill: nothing of ours is posted beside it."""
    decision, kept = facts.record.row.decision, facts.record.postings.get(facts.key.text())
    number = kept.number if kept and kept.number else decision.number if decision else ""
    why = f"{number} was posted by hand for it"
    return _taken_over(facts, bill, StepName.ADOPT_BILL, why, number)


def _taken_over(facts: BillFacts, bill: Bill, name: StepName, why: str, number: str = "") -> Plan:
    step = Step(name=name, key=facts.key.text(), source_id=bill.source_id, number=number, why=why)
    reason = f"waits for payment of {bill.outstanding}"
    return Plan(outcome=Outcome.WAITING, reason=reason, steps=(step,), look_again=True)


def _posted(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Plan:
    row = facts.record.row
    if bill.fingerprint() != row.fingerprint:
        return _edited(facts, bill, policy)
    if facts.posted and facts.posted.unpaid:
        return _held(holds.settled_unpaid(row))
    if policy.payments == "target":
        return _waits(facts, bill)
    problem = payments.problem(facts, bill, policy)
    if problem:
        return _held(problem)
    steps = payments.steps(facts)
    if steps:
        reason = _open_reason(facts, bill)
        return Plan(outcome=Outcome.WAITING, reason=reason, steps=steps, look_again=True)
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
        return _held(holds.edited_after_payment(bill, row, facts.paid_there))
    if policy.edits == "hold":
        return _held(holds.edited(bill, row))
    return _reverse(facts, "the bill was edited after posting")


def _withdrawn(facts: BillFacts, why: str) -> Plan:
    if not facts.record.is_live(facts.key):
        return _taken_back(facts, why)
    steps = tuple(payments.withdrawn(facts, every=True))
    if steps:
        return Plan(outcome=Outcome.WAITING, reason=why, steps=steps, look_again=True)
    if _is_touched(facts):
        return _held(holds.withdrawn_after_payment(facts.record.row, facts.paid_there))
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
    """Not to be in the books: what is not posted yet goes first, or is ruled out."""
    if not facts.record.is_under_way(facts.key):
        return Plan(outcome=Outcome.IGNORED, reason=why)
    key, source_id = facts.key.text(), facts.record.row.source_id
    step = Step(name=StepName.DISCARD_DRAFT, key=key, source_id=source_id, why=why)
    return Plan(outcome=Outcome.WAITING, reason=why, steps=(step,), look_again=True)


def _reverse(facts: BillFacts, why: str) -> Plan:
    step = Step(
        name=StepName.REVERSE_BILL,
        key=facts.key.of_kind(Kind.BILL_REVERSAL).text(),
        target_key=facts.key.text(),
        source_id=facts.record.row.source_id,
        why=why,
    )
    return Plan(outcome=Outcome.WAITING, reason=why, steps=(step,), look_again=True)


def _held(hold: Hold) -> Plan:
    return Plan(outcome=Outcome.HELD, reason=hold.reason, hold=hold)
