"""How much of each payment settles its invoice, as the source counts it.

FreshBooks states per invoice what is paid, and per payment only its amount. A payment settles
what is left open when it is entered; the rest is an over-payment, of which the source makes a
credit and says how much that is. A refund opens again what the last payments before it have
settled, money before credit. What is entered later therefore never changes what earlier payments
settle.
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
    `given_back` is what those settle less than they would by themselves, `beyond` what refunds
    took of money that settled nothing: an invoice was edited below what had been paid."""

    amounts: Mapping[str, Money]
    given_back: Mapping[str, Money] = field(default_factory=dict)
    beyond: Decimal = Decimal(0)

    def of(self, payment: Payment) -> Money:
        return self.amounts.get(payment.source_id, Money.zero(payment.amount.currency))

    def together(self, payments: Iterable[Payment], currency: str) -> Money:
        """What several payments settle of it."""
        return Money.total(map(self.of, payments), currency)

    def refundable(self, payment: Payment) -> Money:
        """What of a payment a refund can have come from: what it settles less, because the source
        opened the invoice again; else what it never settled, and beside other refunds only as far
        as that did not become credit."""
        nothing = Money.zero(payment.amount.currency)
        if self.given_back or payment.source_id not in self.amounts:
            back = self.given_back.get(payment.source_id, nothing)
            credit = payment.overpaid or nothing
            rest = max(payment.amount - self.of(payment) - back - credit, nothing)
            return back + min(rest, Money(amount=self.beyond, currency=rest.currency))
        return payment.amount - self.of(payment)


def shares(invoice: Invoice, payments: Iterable[Payment]) -> Shares:
    """The shares of all payments in the invoice's currency; they add up to what is paid. Where
    edits have left the source with less paid than that, the last payments settle less; where it
    counts more, the refunds have come out of over-payments."""
    in_order = sorted((p for p in payments if p.amount.currency == invoice.currency), key=entered)
    tally = _Tally(max(invoice.total.amount, Decimal(0)))
    for payment in in_order:
        if payment.is_refund:
            tally.beyond += tally.give_back(-payment.amount.amount)
        else:
            tally.settle(payment)
    paid = (invoice.total - invoice.outstanding).amount
    tally.give_back(tally.settled - paid)
    tally.take_again(paid - tally.settled)
    back = {each: amount for each, amount in tally.given_back.items() if amount}
    beyond = tally.beyond + tally.again if tally.again else Decimal(0)
    return Shares(_amounts(tally.shares, invoice), _amounts(back, invoice), beyond)


def beyond(before: Shares, payments: Iterable[Payment]) -> list[Payment]:
    """The payments with what they leave for a document that is settled after another one; refunds
    come out of that first."""
    return [
        payment
        if payment.is_refund
        else payment.model_copy(update={"amount": payment.amount - before.of(payment)})
        for payment in payments
    ]


@dataclass
class _Tally:
    """What is settled so far, by payment in the order of their entry."""

    total: Decimal
    shares: dict[str, Decimal] = field(default_factory=dict)
    given_back: dict[str, Decimal] = field(default_factory=dict)
    credit: set[str] = field(default_factory=set)
    beyond: Decimal = Decimal(0)
    again: Decimal = Decimal(0)

    @property
    def settled(self) -> Decimal:
        return sum(self.shares.values(), Decimal(0))

    def settle(self, payment: Payment) -> None:
        """A use of credit is as large as it was asked for, whatever is said to be open; what
        became credit settles nothing by itself, however much an edit has opened since."""
        left = max(self.total - self.settled, Decimal(0))
        amount = payment.amount.amount - (payment.overpaid.amount if payment.overpaid else 0)
        self.shares[payment.source_id] = amount if payment.from_credit else min(amount, left)
        if payment.from_credit:
            self.credit.add(payment.source_id)

    def give_back(self, amount: Decimal) -> Decimal:
        """The latest money first, a use of credit last; returns what none of it settled."""
        latest_first = reversed(list(self.shares))
        for each in sorted(latest_first, key=lambda i: i in self.credit):
            less = min(max(amount, Decimal(0)), self.shares[each])
            if less:
                self.shares[each] -= less
                self.given_back[each] = self.given_back.get(each, Decimal(0)) + less
                amount -= less
        return max(amount, Decimal(0))

    def take_again(self, amount: Decimal) -> None:
        """What was not given back after all."""
        for each, back in list(self.given_back.items()):
            more = min(max(amount, Decimal(0)), back)
            self.shares[each] += more
            self.given_back[each] -= more
            self.again += more
            amount -= more


def _amounts(found: Mapping[str, Decimal], invoice: Invoice) -> dict[str, Money]:
    return {i: Money(amount=n, currency=invoice.currency) for i, n in found.items()}


def entered(payment: Payment) -> tuple[int, str]:
    """The order in which people entered the payments: ids rise."""
    return len(payment.source_id), payment.source_id
