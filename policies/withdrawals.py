"""What was posted for the money of an invoice and does not stand any more: taken back, or made
loose before the invoice itself is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from documents.cash import Payment
from documents.hold import Hold, HoldClass
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Step, StepName
from documents.row import Action, PostingRow
from policies import holds, late_fees
from policies.facts import CASH, Record, Source

_TAKE_BACK = {
    Kind.PAYMENT: StepName.REVERSE_PAYMENT,
    Kind.REFUND: StepName.REVERSE_PAYMENT,
    Kind.CREDIT_APPLICATION: StepName.UNAPPLY_CREDIT,
}


def withdrawn(source: Source, record: Record) -> Iterator[Step]:
    """What was posted for payments that were deleted at the source, or changed there: taken back
    when it is known of all that are to be posted anew that they can be."""
    found = tuple(_withdrawn(source, record))
    present = {payment.source_id: payment for payment in source.payments}
    for step in found:
        payment = present.get(step.source_id)
        is_left = payment is None or record.is_given_up(step.source_id)
        if payment is not None and not is_left and step.name is StepName.REVERSE_PAYMENT:
            yield _prepared_again(payment, step, record)
    yield from found
    yield from _drafts(source, record)


def _withdrawn(source: Source, record: Record) -> Iterator[Step]:
    present = {payment.source_id: payment for payment in source.payments}
    for row in record.live(*CASH):
        payment = present.get(row.source_id)
        decision = record.decision(row.source_id)
        if decision and decision.action is Action.ABANDON:
            yield _taken_back(row, record, f"{decision.action.value} decided by {decision.who}")
        if record.is_given_up(row.source_id):
            continue
        if payment is None:
            yield _taken_back(row, record, f"payment {row.source_id} was deleted at the source")
        elif record.is_changed(payment):
            why = f"payment {row.source_id} was changed at the source"
            yield _taken_back(row, record, why, record.posted_on(Key.parse(row.key)))
        elif record.is_live(record.invoice_key) and record.is_of_other_customer(row.source_id):
            why = f"payment {row.source_id} stands on another customer than its invoice now"
            yield _taken_back(row, record, why, record.posted_on(Key.parse(row.key)))


def _prepared_again(payment: Payment, back: Step, record: Record) -> Step:
    return Step(
        name=StepName.PREPARE_PAYMENT_AGAIN,
        key=_after(payment, Key.parse(back.target_key), record).text(),
        target_key=back.target_key,
        source_id=payment.source_id,
        payment=payment,
        posting_date=back.posting_date,
        why=f"{back.why}: before it is taken back it must be certain that it can be posted anew",
    )


def _after(payment: Payment, posted: Key, record: Record) -> Key:
    """The key under which a payment is posted once its posting was taken back: an edit may have
    made a refund of it."""
    key = record.cash_key(payment)
    if key != posted:
        return key
    return key.model_copy(update={"generation": key.generation + 1})


def settled_by_hand(record: Record) -> Hold | None:
    """Money that people posted and we cannot make loose, on an invoice that is to be taken back."""
    fee = late_fees.posting(record)
    ours = [number for number in (record.row.target_number, fee and fee.number) if number]
    for row in record.live(Kind.PAYMENT):
        found = record.target.get(row.key)
        if found is None or not record.is_adopted(Key.parse(row.key)):
            continue
        for number in ours:
            if number in found.applied_to:
                return holds.unapply_by_hand(row.source_id, row.number, number)
    return _settled_by_others(record)


def _settled_by_others(record: Record) -> Hold | None:
    """What people settled with entries that stand for nothing of ours; None also where it is not
    known how much that is."""
    invoice = record.target.get(record.invoice_key.text())
    if invoice is None or invoice.figures is None or invoice.remaining is None:
        return None
    settled = invoice.figures.total - invoice.remaining
    for row in record.live(Kind.PAYMENT, Kind.CREDIT_APPLICATION):
        ours = _settles(row, record, invoice.number)
        if ours is None or ours.currency != settled.currency:
            return None
        settled -= ours
    if settled.amount <= 0:
        return None
    return Hold(
        cause="applies-to-closed",
        hold_class=HoldClass.DATA,
        reason=(
            f"{settled} of {invoice.number} was settled in the target by entries that are not "
            "ours: the invoice cannot be taken back while they settle it."
        ),
        remedy="Unapply them there and retry, or undo the change at the source.",
        values={"settled": str(settled), "number": invoice.number or ""},
    )


def _settles(row: PostingRow, record: Record, number: str | None) -> Money | None:
    """How much of a document a posting of ours settles; None where nobody says so."""
    if row.kind is Kind.CREDIT_APPLICATION:
        return row.amount
    found = record.target.get(row.key)
    return found.applied(number, found.figures.total) if found and found.figures else None


def _drafts(source: Source, record: Record) -> Iterator[Step]:
    """Payments that were withdrawn before what was created for them was posted."""
    present = {payment.source_id for payment in source.payments}
    for row in record.under_way(Kind.PAYMENT, Kind.REFUND):
        if row.source_id not in present or record.is_given_up(row.source_id):
            yield _discard(row, f"payment {row.source_id} was withdrawn before it was posted")


def kept_invoice(record: Record) -> Iterator[Step]:
    """The invoice was to be taken back, and is not any more."""
    for row in record.under_way(Kind.INVOICE_REVERSAL):
        yield _discard(row, "the invoice is valid again: its reversal was not posted yet")


def _discard(row: PostingRow, why: str) -> Step:
    return Step(name=StepName.DISCARD_DRAFT, key=row.key, source_id=row.source_id, why=why)


def released(record: Record, gone: set[str], why: str) -> Iterator[Step]:
    """Everything that settles the invoice, before the invoice itself is taken back."""
    for row in record.live(*CASH):
        if row.key in gone or row.kind is Kind.REFUND or record.is_adopted(Key.parse(row.key)):
            continue  # what people posted, they have made loose themselves
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


def _taken_back(row: PostingRow, record: Record, why: str, on: date | None = None) -> Step:
    key = Key.parse(row.key)
    is_application = key.kind is Kind.CREDIT_APPLICATION
    return Step(
        name=_TAKE_BACK[key.kind],
        key=row.key if is_application else key.of_kind(key.kind.reversal).text(),
        target_key=record.invoice_key.text() if is_application else row.key,
        source_id=row.source_id,
        posting_date=on,
        why=why,
    )
