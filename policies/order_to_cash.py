"""The decision of order to cash: from the present state of both sides to the next steps.

A pure function. It is called inside the activity that looks, so that a plan and its reasons
are history, and a changed policy never breaks the replay of a document that has waited months.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from documents.hold import Hold
from documents.invoice import Invoice, InvoiceStage
from documents.key import Key, Kind
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import PostingState
from documents.row import Action
from policies import holds
from policies.facts import Record, Source
from policies.settings import OrderToCashPolicy


def decide(source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    """The next steps of one invoice, with reasons. Never raises for any state of the world."""
    decision = record.row.decision
    if decision and decision.action in (Action.SKIP, Action.ABANDON):
        return _ignore(f"{decision.action.value} decided by {decision.who}")
    if source.unreadable:
        return _hold(source.unreadable)
    stage = source.invoice.stage if source.invoice else InvoiceStage.DELETED
    if record.is_live(record.invoice_key):
        return _posted(source, record, policy, stage)
    return _not_posted(source, record, policy, stage)


def _not_posted(
    source: Source, record: Record, policy: OrderToCashPolicy, stage: InvoiceStage
) -> Plan:
    invoice = source.invoice
    if invoice is None or stage is InvoiceStage.DELETED:
        return _withdrawn(record)
    if stage is InvoiceStage.DRAFT:
        return _ignore("a draft: it is taken up when it is sent")
    if stage is InvoiceStage.DISPUTED:
        return _hold(holds.disputed(invoice))
    if policy.cut_over_date and invoice.document_date < policy.cut_over_date:
        return _ignore(f"dated {invoice.document_date}, before the cut-over {policy.cut_over_date}")
    return _post(source, invoice, record, policy)


def _post(source: Source, invoice: Invoice, record: Record, policy: OrderToCashPolicy) -> Plan:
    key = record.invoice_key.text()
    again = f", generation {record.row.generation}" if record.row.generation > 1 else ""
    steps = [
        Step(
            name=StepName.POST_INVOICE,
            key=key,
            source_id=invoice.source_id,
            why=f"invoice {invoice.number} over {invoice.total} is final and not posted{again}",
        )
    ]
    if policy.write_reference == "po_number":
        steps.append(_write_reference(record))
    return Plan(
        outcome=Outcome.WAITING,
        reason=f"waits for payment of {invoice.outstanding}",
        steps=tuple(steps),
        look_again=bool(source.payments) or not invoice.outstanding or record.row.generation > 1,
    )


def _write_reference(record: Record) -> Step:
    return Step(
        name=StepName.WRITE_REFERENCE,
        key=record.invoice_key.text(),
        source_id=record.row.source_id,
        why="the policy writes the target's number into an empty PO number",
    )


def _withdrawn(record: Record) -> Plan:
    if record.row.reversed_count:
        return Plan(outcome=Outcome.CLOSED, reason="voided at the source, reversed in the target")
    steps: tuple[Step, ...] = ()
    if record.state(record.invoice_key) is PostingState.CREATED:
        steps = (
            Step(
                name=StepName.DISCARD_DRAFT,
                key=record.invoice_key.text(),
                source_id=record.row.source_id,
                why="the invoice was deleted before its draft was posted",
            ),
        )
    return Plan(outcome=Outcome.IGNORED, reason="deleted before it was posted", steps=steps)


def _posted(source: Source, record: Record, policy: OrderToCashPolicy, stage: InvoiceStage) -> Plan:
    invoice = source.invoice
    if invoice is None or stage is InvoiceStage.DELETED:
        return _take_back(source, record, "the invoice was voided or deleted at the source")
    if stage is not InvoiceStage.FINAL:
        return _hold(
            holds.disputed(invoice) if stage is InvoiceStage.DISPUTED else holds.unsent(invoice)
        )
    if invoice.fingerprint() != record.row.fingerprint:
        if policy.edits == "hold":
            return _hold(holds.edited(invoice, record))
        return _take_back(source, record, "the invoice was edited after posting")
    return _cash(source, invoice, record, policy)


def _take_back(source: Source, record: Record, why: str) -> Plan:
    key = record.invoice_key
    steps = list(_deleted_payments(source, record))
    gone = {step.target_key for step in steps}
    steps += [
        Step(
            name=StepName.UNAPPLY_PAYMENT,
            key=row.key,
            target_key=key.text(),
            source_id=row.source_id,
            why=f"{why}: its payment becomes unapplied cash first",
        )
        for row in record.live_payments()
        if row.key not in gone
    ]
    steps.append(
        Step(
            name=StepName.REVERSE_INVOICE,
            key=key.of_kind(Kind.INVOICE_REVERSAL).text(),
            target_key=key.text(),
            source_id=record.row.source_id,
            posting_date=_changed_on(source),
            why=why,
        )
    )
    return Plan(outcome=Outcome.WAITING, reason=why, steps=tuple(steps), look_again=True)


def _changed_on(source: Source) -> date | None:
    changed = source.invoice.changed_at if source.invoice else None
    return changed.date() if changed else None


def _cash(source: Source, invoice: Invoice, record: Record, policy: OrderToCashPolicy) -> Plan:
    if policy.cash_owner == "bank feed":
        return _settled_or_waiting(invoice, record, ())
    odd = next((p for p in source.payments if p.amount.currency != invoice.currency), None)
    if odd:
        return _hold(holds.other_currency(invoice, odd))
    credit = next((p for p in source.payments if p.from_credit), None)
    if credit:
        return _hold(holds.from_credit(credit))
    steps = (
        *_deleted_payments(source, record),
        *_new_payments(source, record),
        *_unapplied_payments(source, record),
    )
    return _settled_or_waiting(invoice, record, steps)


def _deleted_payments(source: Source, record: Record) -> Iterator[Step]:
    present = {payment.source_id for payment in source.payments}
    for row in record.live_payments():
        if row.source_id not in present:
            key = Key.parse(row.key)
            yield Step(
                name=StepName.REVERSE_PAYMENT,
                key=key.of_kind(Kind.PAYMENT_REVERSAL).text(),
                target_key=row.key,
                source_id=row.source_id,
                why=f"payment {row.source_id} was deleted at the source",
            )


def _new_payments(source: Source, record: Record) -> Iterator[Step]:
    for payment in source.payments:
        key = record.payment_key(payment.source_id)
        if not record.is_live(key):
            yield Step(
                name=StepName.POST_PAYMENT,
                key=key.text(),
                target_key=record.invoice_key.text(),
                source_id=payment.source_id,
                payment=payment,
                why=f"payment {payment.source_id} over {payment.amount} is not posted",
            )


def _unapplied_payments(source: Source, record: Record) -> Iterator[Step]:
    invoice = record.target.get(record.invoice_key.text())
    if invoice is None or not invoice.remaining:
        return
    for payment in source.payments:
        key = record.payment_key(payment.source_id).text()
        found = record.target.get(key)
        if found and found.state is PostingState.POSTED and found.remaining:
            yield Step(
                name=StepName.APPLY_PAYMENT,
                key=key,
                target_key=record.invoice_key.text(),
                source_id=payment.source_id,
                why=f"payment {payment.source_id} is posted and not applied",
            )


def _settled_or_waiting(invoice: Invoice, record: Record, steps: tuple[Step, ...]) -> Plan:
    found = record.target.get(record.invoice_key.text())
    settled = found is not None and found.is_settled
    if steps:
        return Plan(
            outcome=Outcome.WAITING,
            reason=f"waits for payment of {invoice.outstanding}",
            steps=steps,
            closes_when_settled=not invoice.outstanding,
            look_again=steps[-1].name is not StepName.POST_PAYMENT,
        )
    if settled and not invoice.outstanding:
        return Plan(outcome=Outcome.CLOSED, reason="paid and settled on both sides")
    if settled:
        return Plan(
            outcome=Outcome.CLOSED,
            reason=f"settled in target: FreshBooks still shows {invoice.outstanding} outstanding",
        )
    return Plan(outcome=Outcome.WAITING, reason=f"waits for payment of {invoice.outstanding}")


def _ignore(reason: str) -> Plan:
    return Plan(outcome=Outcome.IGNORED, reason=reason)


def _hold(hold: Hold) -> Plan:
    return Plan(outcome=Outcome.HELD, reason=hold.reason, hold=hold)
