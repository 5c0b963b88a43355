"""Refunds: money given back settles what came in, never the invoice."""

from __future__ import annotations

from collections.abc import Iterator

from documents.cash import Payment
from documents.hold import Hold
from documents.invoice import Invoice
from documents.key import Key
from documents.money import Money
from documents.plan import Step, StepName
from documents.posting import Posting, PostingState
from policies import holds, late_fees
from policies.facts import Record, Source
from policies.settling import Shares, shares


def settled(source: Source, record: Record, left: Shares) -> Iterator[Step]:
    """One step towards an open refund that is settled by the money it gives back: what a payment
    has open beyond its share of the invoice, else a payment that settles more than its share."""
    for refund in source.payments:
        found = _open(record, refund)
        is_left = record.is_given_up(refund.source_id)
        if found is not None and refund.is_refund and not is_left:
            yield from _step(source, record, left, refund, found)
            return


def is_certain(source: Source, invoice: Invoice, record: Record, refund: Payment) -> bool:
    """Whether a refund that people posted, and that is wholly open, can only give back money of
    one payment of ours: then it is settled like one of our own."""
    found, wanted = _open(record, refund), -refund.amount
    if found is None or record.exchange is not None or found.party != record.row.target_party:
        return False
    left = shares(invoice, source.payments)
    givers = [
        payment for payment in source.payments if not payment.is_refund and left.refundable(payment)
    ]
    if len(givers) != 1 or found.remaining != wanted:
        return False
    (giver,), key = givers, record.cash_key(givers[0])
    is_ours = record.is_live(key) and not record.is_adopted(key)
    is_left = giver.from_credit or record.is_given_up(giver.source_id)
    return is_ours and not is_left and left.refundable(giver).amount >= wanted.amount


def problem(source: Source, invoice: Invoice, record: Record) -> Hold | None:
    """A refund of money that people posted: we cannot settle the two with each other."""
    left = shares(invoice, source.payments)
    for refund in source.payments:
        open_refund = _open(record, refund)
        if open_refund is None or not refund.is_refund or record.is_given_up(refund.source_id):
            continue
        for payment in source.payments:
            key = record.cash_key(payment)
            gives = not payment.is_refund and left.refundable(payment) and record.is_live(key)
            if gives and record.is_adopted(key):
                number = record.postings[key.text()].number
                refunded = open_refund.number or refund.source_id
                return holds.give_back_by_hand(refund.source_id, refunded, number)
    return None


def _step(
    source: Source, record: Record, shares: Shares, refund: Payment, entry: Posting
) -> Iterator[Step]:
    settling: list[tuple[Payment, Key, Key]] = []
    on_fee: list[tuple[Payment, Key, Key]] = []
    fee = late_fees.posting(record)
    for payment in source.payments:
        key, spare = record.cash_key(payment), shares.refundable(payment)
        is_left = payment.from_credit or record.is_given_up(payment.source_id)
        found = record.target.get(key.text())
        so_far = found.applied(entry.number, spare) if found else None
        spare -= so_far or Money.zero(spare.currency)
        if is_left or not spare or not record.is_live(key):
            continue
        free = _free(source, record, shares, payment)
        if so_far is not None and free and entry.remaining:
            more = min(spare, free, entry.remaining)
            yield _apply(payment, key, record, refund, so_far + more)
            return
        if found and record.row.target_number in found.applied_to:
            settling.append((payment, key, record.invoice_key))
        if found and fee and fee.number in found.applied_to:
            on_fee.append((payment, key, late_fees.fee_key(record)))
    for payment, key, settled in [*settling, *on_fee][-1:]:
        yield Step(
            name=StepName.UNAPPLY_PAYMENT,
            key=key.text(),
            target_key=settled.text(),
            source_id=payment.source_id,
            why=f"refund {refund.source_id} gives back money of payment {payment.source_id}",
        )


def _free(source: Source, record: Record, shares: Shares, payment: Payment) -> Money | None:
    """What a payment has open for refunds. What it was too much from the beginning is the
    client's credit, unless no refund has opened the invoice again."""
    found = _open(record, payment)
    if found is None or found.remaining is None or not shares.given_back:
        return found.remaining if found else None
    nothing = Money.zero(payment.amount.currency)
    credit = payment.amount - shares.of(payment) - shares.refundable(payment)
    fee = late_fees.posting(record)
    ours = {record.row.target_number, fee and fee.number, *_refunds(source, record)}
    uses = zip(found.applied_to, found.applied_amounts, strict=False)
    used = Money.total((n for number, n in uses if number not in ours), nothing.currency)
    return max(found.remaining - max(credit - used, nothing), nothing)


def _refunds(source: Source, record: Record) -> Iterator[str]:
    """The target's numbers of the refunds of this invoice."""
    for refund in source.payments:
        found = record.target.get(record.cash_key(refund).text())
        if refund.is_refund and found and found.number:
            yield found.number


def left_over(source: Source, invoice: Invoice, record: Record, shares: Shares) -> Iterator[Step]:
    """Money that no refund took after all, because another payment's was given back: it settles
    what the source counts as paid."""
    posted = record.target.get(record.invoice_key.text())
    if posted is None or posted.remaining is None or not invoice.owed < posted.remaining:
        return
    gap = posted.remaining - invoice.owed
    for payment in source.payments:
        found = _open(record, payment)
        back = shares.given_back.get(payment.source_id)
        is_left = payment.from_credit or record.is_given_up(payment.source_id)
        if not back or is_left or found is None or found.remaining is None:
            continue
        more = min(gap, back, found.remaining)
        amount = found.applied(posted.number, more) + more
        yield _apply_to_invoice(payment, record, amount)
        return


def _apply_to_invoice(payment: Payment, record: Record, amount: Money) -> Step:
    return Step(
        name=StepName.APPLY_PAYMENT,
        key=record.cash_key(payment).text(),
        target_key=record.invoice_key.text(),
        source_id=payment.source_id,
        payment=payment,
        amount=amount,
        why=f"payment {payment.source_id} is open and the source counts it as paid",
    )


def _open(record: Record, payment: Payment) -> Posting | None:
    found = record.target.get(record.cash_key(payment).text())
    is_open = found is not None and found.state is PostingState.POSTED and bool(found.remaining)
    return found if is_open else None


def _apply(payment: Payment, key: Key, record: Record, refund: Payment, amount: Money) -> Step:
    return Step(
        name=StepName.APPLY_PAYMENT,
        key=key.text(),
        target_key=record.cash_key(refund).text(),
        source_id=payment.source_id,
        payment=payment,
        amount=amount,
        why=f"refund {refund.source_id} gives back money of payment {payment.source_id}",
    )
