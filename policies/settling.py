"""How much of each payment settles its invoice, as the source counts it.

FreshBooks states per invoice what is paid, and per payment only its amount. A payment settles
what is left open when it is entered; the rest is an over-payment. What was paid back, and what
edits have left behind, comes off the last payments first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from documents.cash import Payment
from documents.invoice import Invoice
from documents.money import Money


@dataclass(frozen=True)
class Shares:
    """What each payment (by id) settles of its invoice; refunds have no share of their own.
    `given_back` is what those settle less than they would by themselves."""

    amounts: Mapping[str, Money]
    given_back: Mapping[str, Money] = field(default_factory=dict)

    def of(self, payment: Payment) -> Money:
        return self.amounts.get(payment.source_id, Money.zero(payment.amount.currency))

    def refundable(self, payment: Payment) -> Money:
        """What of a payment a refund can have come from: what it settles less, because the source
        opened the invoice again; else what it never settled, the over-payment."""
        nothing = Money.zero(payment.amount.currency)
        if self.given_back or payment.source_id not in self.amounts:
            return self.given_back.get(payment.source_id, nothing)
        return payment.amount - self.of(payment)


def shares(invoice: Invoice, payments: Iterable[Payment]) -> Shares:
    """The shares of all payments in the invoice's currency; they add up to what is paid."""
    receipts = sorted((p for p in payments if _counts(p, invoice)), key=_entered)
    found, cut = _filled(invoice, receipts), dict[str, Decimal]()
    surplus = sum(found.values(), Decimal(0)) - (invoice.total - invoice.outstanding).amount
    # Money before credit, the latest first: a use of credit is as large as it was asked for.
    receipts.reverse()
    for payment in sorted(receipts, key=lambda p: p.from_credit):
        less = min(max(surplus, Decimal(0)), found[payment.source_id])
        if less:
            found[payment.source_id] -= less
            surplus -= less
            cut[payment.source_id] = less
    return Shares(_amounts(found, invoice), _amounts(cut, invoice))


def _amounts(found: Mapping[str, Decimal], invoice: Invoice) -> dict[str, Money]:
    return {i: Money(amount=n, currency=invoice.currency) for i, n in found.items()}


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
