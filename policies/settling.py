"""How much of each payment settles its invoice, as the source counts it.

FreshBooks states per invoice what is paid, and per payment only its amount. A payment settles
what is left open when it is entered; the rest is an over-payment. What was paid back, and what
an edit of the invoice left behind, comes off the last payments first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from documents.cash import Payment
from documents.invoice import Invoice
from documents.money import Money


def shares(invoice: Invoice, payments: Iterable[Payment]) -> Mapping[str, Money]:
    """What each payment (by id) settles of its invoice; refunds have no share of their own."""
    receipts = sorted((p for p in payments if _counts(p, invoice)), key=_entered)
    found = _filled(invoice, receipts)
    surplus = sum(found.values(), Decimal(0)) - (invoice.total - invoice.outstanding).amount
    # Money before credit, the latest first: a use of credit is as large as it was asked for.
    receipts.reverse()
    for payment in sorted(receipts, key=lambda p: p.from_credit):
        less = min(max(surplus, Decimal(0)), found[payment.source_id])
        found[payment.source_id] -= less
        surplus -= less
    return {
        source_id: Money(amount=share, currency=invoice.currency)
        for source_id, share in found.items()
    }


def _filled(invoice: Invoice, receipts: Iterable[Payment]) -> dict[str, Decimal]:
    left, found = max(invoice.total.amount, Decimal(0)), {}
    for payment in receipts:
        share = min(payment.amount.amount, left)
        found[payment.source_id] = share
        left -= share
    return found


def _counts(payment: Payment, invoice: Invoice) -> bool:
    return not payment.is_refund and payment.amount.currency == invoice.currency


def _entered(payment: Payment) -> tuple[int, str]:
    """The order in which people entered the payments: ids rise."""
    return len(payment.source_id), payment.source_id
