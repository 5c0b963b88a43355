"""An invoice out of the books again: for good, or to be posted anew."""

from __future__ import annotations

from datetime import date

from documents.key import Kind
from documents.plan import Outcome, Plan, Step, StepName
from policies import converting, late_fees, withdrawals
from policies.facts import Record, Source
from policies.settings import OrderToCashPolicy


def voided(source: Source, record: Record, policy: OrderToCashPolicy, why: str) -> Plan:
    """With its late fee, which goes first."""
    on = _changed_on(source, policy)
    plan = _take_back(source, record, why, on)
    if plan.hold:
        return plan
    gone = {each.target_key for each in plan.steps if each.name is StepName.REVERSE_PAYMENT}
    fee = late_fees.taken_back(record, why, on, gone)
    *loose, reverse = (*plan.steps[:-1], *fee, plan.steps[-1])
    prepare = reverse.model_copy(
        update={
            "name": StepName.PREPARE_REVERSAL,
            "why": f"{why}: before its money is made loose it must be certain that it can be taken "
            "back",
        }
    )
    steps = (prepare, *loose, reverse) if loose else (reverse,)
    return plan.model_copy(update={"steps": steps})


def reposted(source: Source, record: Record) -> Plan:
    """Taken back in the month it was posted in, once it is known that it can be posted anew."""
    key, why = record.invoice_key, "the invoice was edited after posting"
    on = record.posted_on(key)
    prepare = Step(
        name=StepName.PREPARE_AGAIN,
        key=key.model_copy(update={"generation": key.generation + 1}).text(),
        target_key=key.text(),
        source_id=record.row.source_id,
        posting_date=on,
        why=f"{why}: before it is taken back it must be certain that it can be posted anew",
    )
    plan = _take_back(source, record, why, on)
    return plan if plan.hold else plan.model_copy(update={"steps": (prepare, *plan.steps)})


def _take_back(source: Source, record: Record, why: str, on: date | None) -> Plan:
    held = withdrawals.settled_by_hand(record)
    if held:
        return Plan(outcome=Outcome.HELD, reason=held.reason, hold=held)
    key = record.invoice_key
    steps = list(withdrawals.withdrawn(converting.in_books(source, record), record))
    gone = {step.target_key for step in steps} | {step.key for step in steps}
    steps += withdrawals.released(record, gone, why)
    steps.append(
        Step(
            name=StepName.REVERSE_INVOICE,
            key=key.of_kind(Kind.INVOICE_REVERSAL).text(),
            target_key=key.text(),
            source_id=record.row.source_id,
            posting_date=on,
            why=why,
        )
    )
    return Plan(outcome=Outcome.WAITING, reason=why, steps=tuple(steps), look_again=True)


def _changed_on(source: Source, policy: OrderToCashPolicy) -> date | None:
    changed = source.invoice.changed_at if source.invoice else None
    return policy.day_of(changed) if changed else None
