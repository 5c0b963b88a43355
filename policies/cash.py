"""Cash of a posted invoice: what is to be posted, applied, taken back."""

from __future__ import annotations

from collections.abc import Iterator

from documents.cash import Payment
from documents.hold import Hold
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.plan import Step, StepName
from documents.posting import PostingState
from documents.row import PostingRow
from policies import holds
from policies.facts import CASH, Record, Source

_TAKE_BACK = {
    Kind.PAYMENT: StepName.REVERSE_PAYMENT,
    Kind.REFUND: StepName.REVERSE_PAYMENT,
    Kind.CREDIT_APPLICATION: StepName.UNAPPLY_CREDIT,
}


def problem(source: Source, invoice: Invoice) -> Hold | None:
    """What no rule can decide about the payments of an invoice."""
    for payment in source.payments:
        if payment.amount.currency != invoice.currency:
            return holds.other_currency(invoice, payment)
    return None


def steps(source: Source, invoice: Invoice, record: Record) -> tuple[Step, ...]:
    """Taken back first, then posted, then applied: no money is on two entries at any time."""
    return (
        *withdrawn(source, record),
        *_new(source, invoice, record),
        *_unapplied(source, record),
    )


def withdrawn(source: Source, record: Record) -> Iterator[Step]:
    """What was posted for payments that were deleted at the source."""
    present = {payment.source_id for payment in source.payments}
    for row in record.live(*CASH):
        if row.source_id not in present:
            why = f"payment {row.source_id} was deleted at the source"
            yield _taken_back(row, record, why)


def released(record: Record, gone: set[str], why: str) -> Iterator[Step]:
    """Everything that settles the invoice, before the invoice itself is taken back."""
    for row in record.live(*CASH):
        if row.key in gone or row.kind is Kind.REFUND:
            continue
        if row.kind is Kind.CREDIT_APPLICATION:
            yield _taken_back(row, record, why)
            continue
        yield Step(
            name=StepName.UNAPPLY_PAYMENT,
            key=row.key,
            target_key=record.invoice_key.text(),
            source_id=row.source_id,
            why=f"{why}: its payment becomes unapplied cash first",
        )


def _taken_back(row: PostingRow, record: Record, why: str) -> Step:
    key = Key.parse(row.key)
    is_application = key.kind is Kind.CREDIT_APPLICATION
    return Step(
        name=_TAKE_BACK[key.kind],
        key=row.key if is_application else key.of_kind(key.kind.reversal).text(),
        target_key=record.invoice_key.text() if is_application else row.key,
        source_id=row.source_id,
        why=why,
    )


def _new(source: Source, invoice: Invoice, record: Record) -> Iterator[Step]:
    for payment in source.payments:
        key = record.cash_key(payment)
        if record.is_live(key):
            continue
        if payment.from_credit:
            yield _apply_credit(payment, key, record)
            continue
        early = payment.date < invoice.document_date or payment.is_refund
        yield _post(payment, key, "" if early else record.invoice_key.text())
        if early and not payment.is_refund:
            yield _apply(payment, key, record, "is dated before its invoice: applied afterwards")


def _post(payment: Payment, key: Key, invoice_key: str) -> Step:
    what = "refund" if payment.is_refund else "payment"
    return Step(
        name=StepName.POST_PAYMENT,
        key=key.text(),
        target_key=invoice_key,
        source_id=payment.source_id,
        payment=payment,
        why=f"{what} {payment.source_id} over {payment.amount} is not posted",
    )


def _apply(payment: Payment, key: Key, record: Record, why: str) -> Step:
    return Step(
        name=StepName.APPLY_PAYMENT,
        key=key.text(),
        target_key=record.invoice_key.text(),
        source_id=payment.source_id,
        payment=payment,
        why=f"payment {payment.source_id} {why}",
    )


def _apply_credit(payment: Payment, key: Key, record: Record) -> Step:
    return Step(
        name=StepName.APPLY_CREDIT,
        key=key.text(),
        target_key=record.invoice_key.text(),
        source_id=payment.source_id,
        payment=payment,
        why=f"payment {payment.source_id} uses credit: an application, never a receipt",
    )


def _unapplied(source: Source, record: Record) -> Iterator[Step]:
    invoice = record.target.get(record.invoice_key.text())
    if invoice is None or not invoice.remaining:
        return
    for payment in source.payments:
        if payment.from_credit or payment.is_refund:
            continue
        key = record.cash_key(payment)
        found = record.target.get(key.text())
        if found and found.state is PostingState.POSTED and found.remaining:
            yield _apply(payment, key, record, "is posted and not applied")
