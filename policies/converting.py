"""An invoice and its payments in the currency of the books, where the mapping converted it.

Everything that settles an invoice is converted at the invoice's own rate, which its posting keeps:
what is paid in full is settled in full. What the bank really paid in for it differs, and is booked
where the bank is reconciled. Payments are rounded so that together they come to their converted
sum, each keeping what it was posted with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.cash import Payment
from documents.exchange import Exchange, Rate
from documents.hold import Hold
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money, smallest_unit
from documents.posting import Posting
from policies import conversion_holds
from policies.facts import Record, Source
from policies.settling import entered


def in_books(source: Source, record: Record) -> Source:
    """The source as far as money is concerned, in the currency that the invoice was posted in;
    as it is when nothing was converted."""
    invoice, made = source.invoice, record.exchange
    if invoice is None or made is None or made.amount.currency != invoice.currency:
        return source
    converted = {p.source_id: p for p in _Payments(record, made.rate).converted(source)}
    payments = tuple(converted.get(p.source_id, p) for p in source.payments)
    outstanding = _outstanding(invoice, made, source.payments, payments)
    figures = {
        "currency": made.rate.quote,
        "total": made.booked,
        "outstanding": outstanding,
        "paid": made.booked - outstanding,
    }
    return source.model_copy(
        update={"invoice": invoice.model_copy(update=figures), "payments": payments}
    )


def problem(source: Source, record: Record) -> Hold | None:
    """What cannot be settled, because the rates of both are not the same or not known."""
    invoice, made = source.invoice, record.exchange
    found = record.target.get(record.invoice_key.text())
    if invoice is None or found is None:
        return None
    booked = found.remaining or (found.figures and found.figures.total)
    if made is None and booked and booked.currency != invoice.currency and source.payments:
        return conversion_holds.rate_unknown(invoice, booked, found.number or "")
    for payment in source.payments:
        if not payment.from_credit or record.is_given_up(payment.source_id):
            continue
        entry = record.credits.get(payment.credit_id or "")
        theirs = record.credit_rates.get(entry) if entry else None
        ours = made.rate if made else None
        if entry and _of(theirs) != _of(ours):
            return conversion_holds.rates_differ(payment, entry, theirs, ours)
    return None


def nothing_left(source: Source, record: Record) -> Hold | None:
    """A payment that is worth less than the smallest unit of the books."""
    for payment in in_books(source, record).payments:
        made = payment.exchange
        if made and made.booked.amount * made.amount.amount <= 0:
            return conversion_holds.converts_to_nothing(payment, made)
    return None


def remainder(source: Source, record: Record, found: Posting | None) -> Hold | None:
    """What rounding left open of an invoice that is paid at the source: payments were taken back
    and entered anew, so that what is posted of them does not come to the converted sum."""
    invoice, made = source.invoice, record.exchange
    if invoice is None or made is None or invoice.owed or found is None or not found.remaining:
        return None
    unit = smallest_unit(found.remaining.currency)
    if found.remaining.amount > unit * len(source.payments):
        return None
    return conversion_holds.rounding_remainder(invoice, found.number or "", found.remaining)


def _of(rate: Rate | None) -> tuple[str, str, object] | None:
    return (rate.base, rate.quote, rate.rate) if rate else None


def _outstanding(
    invoice: Invoice, made: Exchange, before: tuple[Payment, ...], after: tuple[Payment, ...]
) -> Money:
    """What is open: nothing of what is paid, else what the payments leave; where the source
    counts otherwise than its payments, its own figure."""
    if not invoice.outstanding:
        return Money.zero(made.rate.quote)
    ours = [n for n, p in enumerate(before) if p.amount.currency == invoice.currency]
    paid = Money.total((before[n].amount for n in ours), invoice.currency)
    if paid.amount == (invoice.total - invoice.outstanding).amount:
        return made.booked - Money.total((after[n].amount for n in ours), made.rate.quote)
    return made.rate.convert(invoice.outstanding)


@dataclass(frozen=True)
class _Payments:
    record: Record
    rate: Rate

    def converted(self, source: Source) -> Iterator[Payment]:
        """What is posted first, as it is posted; then the others, each what the sum lacks."""
        stated, booked = Money.zero(self.rate.base), Money.zero(self.rate.quote)
        ours = [p for p in source.payments if p.amount.currency == self.rate.base]
        for payment in sorted(ours, key=self._order):
            stated += payment.amount
            amount = self._posted(payment)
            amount = self.rate.convert(stated) - booked if amount is None else amount
            booked += amount
            made = Exchange(amount=payment.amount, booked=amount, rate=self.rate)
            over = payment.overpaid and self.rate.convert(payment.overpaid)
            yield payment.model_copy(update={"amount": amount, "exchange": made, "overpaid": over})

    def _order(self, payment: Payment) -> tuple[bool, int, str]:
        return (self._posted(payment) is None, *entered(payment))

    def _posted(self, payment: Payment) -> Money | None:
        key = self.record.cash_key(payment)
        if not self.record.is_live(key) or self.record.is_changed(payment):
            return None
        return _signed(self.record, key)


def _signed(record: Record, key: Key) -> Money | None:
    row = record.postings.get(key.text())
    amount = row.amount if row else None
    return -abs(amount) if amount and key.kind is Kind.REFUND else amount
