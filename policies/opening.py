"""The cut-over: what is dated before it is in the opening balance, and is linked, never posted.

Open documents are linked to the entries that stand for them in the target, by number, party,
currency and amount; later payments, credits and edits then act on those entries.
"""

from __future__ import annotations

from datetime import date

from documents.cash import CreditNote, CreditType, Payment
from documents.hold import Hold, HoldClass
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Outcome, Plan, Step, StepName
from policies import converting
from policies.facts import Record, Source
from policies.settings import OrderToCashPolicy


def is_before(day: date, policy: OrderToCashPolicy) -> bool:
    """Whether a document of that day belongs to the opening balance."""
    return policy.cut_over_date is not None and day < policy.cut_over_date


def since_cut_over(source: Source, record: Record, policy: OrderToCashPolicy) -> Source:
    """The source without the payments that the opening balance contains. What a person decided
    about, or is posted for whatever reason, stays."""
    kept = tuple(p for p in source.payments if not _is_in_opening(p, record, policy))
    return source.model_copy(update={"payments": kept})


def _is_in_opening(payment: Payment, record: Record, policy: OrderToCashPolicy) -> bool:
    known = record.decision(payment.source_id) or record.is_live(record.cash_key(payment))
    return is_before(payment.date, policy) and not known


def open_at_cut_over(invoice: Invoice, source: Source) -> Money:
    """What was open of an invoice: what is open now, and what was paid since. `source` is
    without the payments of before."""
    return Money.total((p.amount for p in source.payments), invoice.currency) + invoice.owed


def link(source: Source, invoice: Invoice, record: Record) -> Plan:
    """The plan for an invoice of before the cut-over that is not linked yet."""
    when = f"dated {invoice.document_date}, before the cut-over"
    if not open_at_cut_over(invoice, source):
        return Plan(outcome=Outcome.IGNORED, reason=f"{when}, and settled before it")
    return _linked(StepName.LINK_INVOICE, record.invoice_key, when)


def entry_key(note: CreditNote, record: Record) -> Key:
    """The key of the entry that a credit of before the cut-over is linked to: a credit memo, or
    money without an invoice."""
    kind = Kind.CREDIT_NOTE if note.type is CreditType.GOODWILL else Kind.PREPAYMENT
    return record.key(kind, note.source_id, record.row.generation)


def link_credit(note: CreditNote, record: Record) -> Plan:
    """The plan for a credit of before the cut-over."""
    key, when = entry_key(note, record), f"dated {note.document_date}, before the cut-over"
    if record.is_live(key):
        return Plan(outcome=Outcome.CLOSED, reason=f"linked to {record.row.target_number}")
    if not note.left:
        return Plan(outcome=Outcome.IGNORED, reason=f"{when}, and used up")
    return _linked(StepName.LINK_CREDIT_NOTE, key, when)


def _linked(name: StepName, key: Key, when: str) -> Plan:
    why = f"{when}: linked to the target's own entry, never posted"
    step = Step(name=name, key=key.text(), source_id=key.source_id, why=why)
    return Plan.doing(why, step)


def or_held(plan: Plan, source: Source, record: Record, policy: OrderToCashPolicy) -> Plan:
    """The plan, unless an invoice of after the cut-over was paid with money of before it that is
    not applied in the target."""
    invoice = converting.in_books(source, record).invoice
    found = record.target.get(record.invoice_key.text())
    if plan.steps or plan.outcome is not Outcome.WAITING or invoice is None or found is None:
        return plan
    early = [p for p in source.payments if _is_in_opening(p, record, policy)]
    is_open = found.remaining is not None and found.remaining.amount > invoice.owed.amount
    if not early or not is_open or is_before(invoice.document_date, policy):
        return plan
    hold = _unapplied(early, invoice, record)
    return Plan.held(hold)


def _unapplied(early: list[Payment], invoice: Invoice, record: Record) -> Hold:
    ids = ", ".join(payment.source_id for payment in early)
    total = Money.total((payment.amount for payment in early), invoice.currency)
    return Hold(
        cause="opening-cash-unapplied",
        hold_class=HoldClass.SETUP,
        reason=(
            f"Invoice {invoice.number} was paid with {total} of before the cut-over (payment "
            f"{ids}), which is not applied to {record.row.target_number} in the target."
        ),
        remedy="Apply that opening entry to the invoice in the target; it goes on by itself.",
        values={"payments": ids, "amount": str(total), "invoice": record.row.target_number},
    )
