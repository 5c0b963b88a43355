"""What is paid on a posted bill: what is to be posted, applied, taken back, or asked about."""

from __future__ import annotations

from collections.abc import Iterator

from documents.bill import Bill, BillPayment
from documents.hold import Hold
from documents.key import Key, Kind
from documents.plan import Step, StepName
from documents.posting import PostingState
from documents.row import Action
from policies import holds as common
from policies.bills import holds
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy


def problem(facts: BillFacts, bill: Bill, policy: BillPolicy) -> Hold | None:
    """What no rule can decide about the payments of a bill, the first one first."""
    left = bill.total
    for payment in _followed(facts):
        key = facts.payment_key(payment.source_id)
        if payment.amount.currency != bill.currency:
            return holds.other_currency(bill, payment)
        if payment.date < bill.document_date:
            return holds.paid_before(bill, payment)
        if payment.amount.amount <= 0 or left < payment.amount:
            return holds.overpaid(bill, payment, left)
        if policy.edits == "hold" and facts.record.is_live(key) and _is_changed(facts, payment):
            return holds.payment_edited(bill, payment)
        if _is_reversed_by_people(facts, payment):
            return common.reversed_there("Payment", payment.source_id, payment.source_id)
        left = left - payment.amount
    return None


def steps(facts: BillFacts) -> tuple[Step, ...]:
    """Taken back first, then posted, then applied."""
    taken = tuple(withdrawn(facts))
    return taken or (*_new(facts), *_unapplied(facts))


def withdrawn(facts: BillFacts, *, every: bool = False) -> Iterator[Step]:
    """What was posted for payments that were deleted or changed since; for `every` one where the
    bill itself is gone."""
    present = {} if every else {p.source_id: p for p in facts.payments}
    for row in facts.live_payments:
        payment = present.get(row.source_id)
        if facts.record.is_given_up(row.source_id):
            continue
        if payment is None or _is_changed(facts, payment):
            key = Key.parse(row.key)
            what = "was deleted" if payment is None else "was changed"
            yield Step(
                name=StepName.REVERSE_BILL_PAYMENT,
                key=key.of_kind(Kind.BILL_PAYMENT_REVERSAL).text(),
                target_key=row.key,
                source_id=row.source_id,
                why=f"payment {row.source_id} {what} at the source",
            )
    for row in facts.record.under_way(Kind.BILL_PAYMENT):
        if row.source_id not in present:
            why = f"payment {row.source_id} was deleted at the source before it was posted"
            yield Step(name=StepName.DISCARD_DRAFT, key=row.key, source_id=row.source_id, why=why)


def _new(facts: BillFacts) -> Iterator[Step]:
    for payment in _followed(facts):
        key = facts.payment_key(payment.source_id)
        state = facts.record.state(key)
        waits = state is PostingState.CREATED and not _is_changed(facts, payment)
        if waits or facts.record.is_live(key):
            continue
        yield Step(
            name=StepName.POST_BILL_PAYMENT,
            key=key.text(),
            target_key=facts.key.text(),
            source_id=payment.source_id,
            bill_payment=payment,
            why=f"{payment.amount} was paid on {payment.date} by {payment.type or 'no type'}",
        )


def _unapplied(facts: BillFacts) -> Iterator[Step]:
    """Posted payments of which the target shows something open, as long as the bill is open."""
    posted = facts.posted
    if posted is None or not posted.remaining:
        return
    for payment in _followed(facts):
        key = facts.payment_key(payment.source_id)
        found = facts.record.target.get(key.text())
        if facts.record.is_live(key) and found is not None and found.remaining:
            yield Step(
                name=StepName.APPLY_BILL_PAYMENT,
                key=key.text(),
                target_key=facts.key.text(),
                source_id=payment.source_id,
                why=f"{found.remaining} of payment {payment.source_id} is not applied",
            )


def _followed(facts: BillFacts) -> list[BillPayment]:
    """The payments that nobody gave up."""
    return [p for p in facts.payments if not facts.record.is_given_up(p.source_id)]


def _is_changed(facts: BillFacts, payment: BillPayment) -> bool:
    made_of = facts.record.made_of(facts.payment_key(payment.source_id))
    return bool(made_of) and made_of != payment.fingerprint()


def _is_reversed_by_people(facts: BillFacts, payment: BillPayment) -> bool:
    """Gone from the ledger without a reversal of ours, and nobody said to post it again."""
    decision, record = facts.record.decision(payment.source_id), facts.record
    if decision and decision.action is Action.RELEASE:
        return False
    keys = [Key.parse(text) for text in record.postings]
    return any(
        record.state(key) is PostingState.REVERSED
        and not record.is_posted(key.of_kind(Kind.BILL_PAYMENT_REVERSAL))
        for key in keys
        if key.kind is Kind.BILL_PAYMENT and key.source_id == payment.source_id
    )
