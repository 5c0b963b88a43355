"""The decision of order to cash: from the present state of both sides to the next steps.

A pure function. It is called inside the activity that looks, so that a plan and its reasons
are history, and a changed policy never breaks the replay of a document that has waited months.
"""

from __future__ import annotations

from documents.hold import Hold
from documents.invoice import Invoice, InvoiceStage
from documents.money import Money
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import PostingState
from documents.row import Action
from policies import cash, converting, holds, late_fee_holds, late_fees, opening, taking_back
from policies.facts import Record, Source
from policies.settings import OrderToCashPolicy


def decide(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    """The next steps of one invoice, with reasons. Never raises for any state of the world."""
    later = opening.since_cut_over(source, record, policy)
    return opening.or_held(_decide(later, record, policy), source, record, policy)


def _decide(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    decision = record.row.decision
    if decision and decision.action is Action.SKIP:
        return _left_out(record, f"skip decided by {decision.who}")
    if decision and decision.action is Action.ABANDON:
        return _abandon(source, record, policy, f"abandon decided by {decision.who}")
    if source.unreadable and source.stage is InvoiceStage.FINAL:
        return _hold(source.unreadable)
    if _is_known_as_posted(source, record):
        return _posted(source, record, policy)
    return _not_posted(source, record, policy)


def _abandon(source: Source, record: Record, policy: OrderToCashPolicy, why: str) -> Plan:
    """Given up for good: what was posted is taken back first, a draft is removed."""
    if record.is_live(record.invoice_key):
        return taking_back.voided(source, record, policy, why)
    withdrawn = _withdrawn(source, record, policy)
    return withdrawn.model_copy(update={"reason": why})


def _is_known_as_posted(source: Source, record: Record) -> bool:
    """In the ledger, and written down here. What a clerk has just posted is first taken over by
    the posting step, unless it has to be taken back anyway."""
    is_withdrawn = source.stage is InvoiceStage.DELETED
    return record.is_live(record.invoice_key) and bool(record.row.target_number or is_withdrawn)


def _not_posted(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    invoice, stage = source.invoice, source.stage
    if stage is InvoiceStage.DELETED:
        if not record.row.reversed_count and _is_paid(source, policy):
            why = "was deleted before it was posted"
            return _hold(holds.paid_without_invoice(source, record, why))
        return _withdrawn(source, record, policy)
    if stage is InvoiceStage.DRAFT or invoice is None:
        if _is_paid(source, policy):
            return _hold(holds.paid_without_invoice(source, record, "is a draft"))
        return _left_out(record, "a draft: it is taken up when it is sent")
    if stage is InvoiceStage.DISPUTED:
        return _hold(holds.disputed(invoice))
    if record.state(record.invoice_key) is PostingState.REVERSED:
        return _hold(holds.reversed_there("Invoice", invoice.number))
    if record.row.fingerprint and record.is_gone(record.invoice_key):
        return _hold(holds.draft_gone(record))
    if _waits_in_target(invoice, record):
        return Plan(outcome=Outcome.WAITING, reason=record.row.reason)
    adopted = record.row.decision and record.row.decision.action is Action.ADOPT
    if opening.is_before(invoice.document_date, policy) and not adopted:
        return opening.link(source, invoice, record)
    return _adopt(invoice, record) if adopted else _post(source, invoice, record, policy)


def _waits_in_target(invoice: Invoice, record: Record) -> bool:
    """Created as it is now, and a clerk or batch job of the target posts it when they do."""
    is_created = record.state(record.invoice_key) is PostingState.CREATED
    return is_created and record.row.fingerprint == invoice.fingerprint()


def _adopt(invoice: Invoice, record: Record) -> Plan:
    number = record.row.decision.number if record.row.decision else ""
    step = Step(
        name=StepName.ADOPT_INVOICE,
        key=record.invoice_key.text(),
        source_id=invoice.source_id,
        number=number,
        why=f"a person says that {number} in the target is invoice {invoice.number}",
    )
    return Plan(
        outcome=Outcome.WAITING,
        reason=f"waits for payment of {invoice.owed}",
        steps=(step,),
        look_again=True,
    )


def _post(source: Source, invoice: Invoice, record: Record, policy: OrderToCashPolicy) -> Plan:
    again = f", generation {record.row.generation}" if record.row.generation > 1 else ""
    steps = [
        Step(
            name=StepName.POST_INVOICE,
            key=record.invoice_key.text(),
            source_id=invoice.source_id,
            why=f"invoice {invoice.number} over {invoice.total} is final and not posted{again}",
        )
    ]
    if policy.write_reference == "po_number" and not invoice.po_number:
        steps.append(_write_reference(record))
    return Plan(
        outcome=Outcome.WAITING,
        reason=f"waits for payment of {invoice.owed}",
        steps=tuple(steps),
        look_again=bool(source.payments) or not invoice.owed or record.row.generation > 1,
    )


def _write_reference(record: Record) -> Step:
    return Step(
        name=StepName.WRITE_REFERENCE,
        key=record.invoice_key.text(),
        source_id=record.row.source_id,
        why="the policy writes the target's number into an empty PO number",
    )


def _is_paid(source: Source, policy: OrderToCashPolicy) -> bool:
    """Money came in for an invoice that is not in the books, and has to be there."""
    ours = policy.cash_owner == "freshbooks"
    return ours and any(not payment.from_credit for payment in source.payments)


def _withdrawn(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    if record.row.reversed_count and not record.is_under_way(record.invoice_key):
        return _voided(source, record, policy)
    return _left_out(record, "deleted before it was posted")


def _left_out(record: Record, reason: str) -> Plan:
    """Not to be in the books: what is not posted yet goes first, or is ruled out."""
    if not record.is_under_way(record.invoice_key):
        return _ignore(reason)
    step = Step(
        name=StepName.DISCARD_DRAFT,
        key=record.invoice_key.text(),
        source_id=record.row.source_id,
        why=reason,
    )
    return Plan(outcome=Outcome.WAITING, reason=reason, steps=(step,), look_again=True)


def _voided(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    """The invoice is reversed; its money is still followed: posted on account, or taken back."""
    reason = "voided at the source, reversed in the target"
    if policy.cash_owner == "bank feed":
        return Plan(outcome=Outcome.CLOSED, reason=reason)
    problem = source.invoice and cash.problem(source, source.invoice, record, policy)
    if problem:
        return _hold(problem)
    steps = tuple(cash.on_account(converting.in_books(source, record), record))
    if steps:
        return Plan(outcome=Outcome.WAITING, reason=reason, steps=steps, look_again=True)
    return Plan(outcome=Outcome.CLOSED, reason=reason)


def _posted(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    invoice, stage = source.invoice, source.stage
    if invoice is None and source.unreadable is None:
        return _hold(holds.source_gone(record))
    if stage is InvoiceStage.DELETED:
        why = "the invoice was voided or deleted at the source"
        return taking_back.voided(source, record, policy, why)
    if invoice is None or stage is InvoiceStage.DRAFT:
        return _hold(holds.unsent(record))
    if stage is InvoiceStage.DISPUTED:
        return _hold(holds.disputed(invoice))
    if invoice.fingerprint() != record.row.fingerprint:
        return _edited(source, invoice, record, policy)
    return late_fees.plan(source, record) or _cash(source, invoice, record, policy)


def _edited(source: Source, invoice: Invoice, record: Record, policy: OrderToCashPolicy) -> Plan:
    fees = late_fees.lines_of(invoice, policy)
    if fees:
        fee = Money.total((line.amount for line in fees), invoice.currency)
        return _hold(late_fee_holds.added(invoice, fee, record))
    if policy.edits == "hold":
        return _hold(holds.edited(invoice, record))
    return taking_back.reposted(source, record)


def _cash(source: Source, invoice: Invoice, record: Record, policy: OrderToCashPolicy) -> Plan:
    if policy.cash_owner == "bank feed":
        held = converting.problem(source, record) or late_fees.problem(source, record)
        if held:
            return _hold(held)
        booked = converting.in_books(source, record)
        steps = cash.credit_steps(booked, booked.invoice or invoice, record)
        return _settled_or_waiting(source, invoice, record, steps)
    problem = cash.problem(source, invoice, record, policy)
    if problem:
        return _hold(problem)
    booked = converting.in_books(source, record)
    steps = cash.steps(booked, booked.invoice or invoice, record)
    return _settled_or_waiting(source, invoice, record, steps)


def _settled_or_waiting(
    source: Source, invoice: Invoice, record: Record, steps: tuple[Step, ...]
) -> Plan:
    found = record.target.get(record.invoice_key.text())
    settled = found is not None and found.is_settled and late_fees.is_settled(source, record)
    owed, waits = source.owed or invoice.owed, _waits(source, invoice, record)
    if steps:
        only_receipts = all(step.name is StepName.POST_PAYMENT for step in steps)
        refunded = any(payment.is_refund for payment in source.payments)
        return Plan(
            outcome=Outcome.WAITING,
            reason=waits,
            steps=steps,
            closes_when_settled=not owed and not refunded and not source.late_fee,
            look_again=refunded or not only_receipts or source.late_fee is not None,
        )
    if settled and not owed:
        return Plan(outcome=Outcome.CLOSED, reason="paid and settled on both sides")
    if settled:
        return Plan(
            outcome=Outcome.CLOSED,
            reason=(
                f"settled in target: FreshBooks still shows {owed} outstanding; "
                "record the payment or a credit of that amount there"
            ),
        )
    left = converting.remainder(source, record, found)
    if left:
        return _hold(left)
    return Plan(outcome=Outcome.WAITING, reason=waits)


def _waits(source: Source, invoice: Invoice, record: Record) -> str:
    owed = source.owed or invoice.owed
    found = [record.target.get(record.invoice_key.text()), late_fees.posting(record)]
    remaining = [each.remaining for each in found if each and each.remaining]
    if owed or not remaining:
        return f"waits for payment of {owed}"
    left = Money.total(remaining, remaining[0].currency)
    return f"paid at the source; {left} is open in the target"


def _ignore(reason: str) -> Plan:
    return Plan(outcome=Outcome.IGNORED, reason=reason)


def _hold(hold: Hold) -> Plan:
    return Plan(outcome=Outcome.HELD, reason=hold.reason, hold=hold)
