"""Taxes of a document: computed again, proved against the source's total, never corrected.

FreshBooks states a percent per line and one total, not how it rounded. Three ways of rounding
are usual, so the total is accepted when one of them gives it to the cent, and refused otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from documents.invoice import LineTax
from documents.money import Money, round_to_unit
from documents.record import TaxTotal

_Round = Callable[[Decimal], Decimal]


class TaxDiffers(ValueError):
    """No usual way of rounding gives the source's tax. `computed` is tax rounded per rate."""

    def __init__(self, computed: Money) -> None:
        super().__init__("the taxes of the lines do not give the tax of the document")
        self.computed = computed


@dataclass(frozen=True)
class TaxedLine:
    """The discounted amount of a line, not rounded, and its taxes."""

    net: Decimal
    taxes: tuple[LineTax, ...]


@dataclass(frozen=True)
class _Group:
    """A name and a percent, and for a compound tax what it is computed on."""

    name: str
    percent: Decimal
    chain: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class _Share:
    basis: Decimal
    amount: Decimal


_Shares = dict[_Group, _Share]


def tax_totals(variants: Sequence[Sequence[TaxedLine]], tax: Money) -> tuple[TaxTotal, ...]:
    """The taxes of a document per name, percent and compounding; they add up to `tax` exactly.

    Each variant states the same lines with the invoice discount spread in another way. Per
    variant the amounts are rounded per rate, then per line, then once; the first way that gives
    `tax` is taken, and what rounding left over is allocated. TaxDiffers when none gives it.
    """
    for lines in variants:
        for shares in _ways(lines, tax.currency):
            if _sum(shares, tax.currency) == tax.amount:
                return _attributed(shares, tax)
    raise TaxDiffers(_computed(variants[0], tax.currency))


def _ways(lines: Sequence[TaxedLine], currency: str) -> Iterator[_Shares]:
    exact = _grouped(lines, lambda amount: amount)
    yield {group: _rounded(share, currency) for group, share in exact.items()}
    yield _grouped(lines, lambda amount: round_to_unit(amount, currency))
    yield exact


def _sum(shares: _Shares, currency: str) -> Decimal:
    return round_to_unit(sum((s.amount for s in shares.values()), Decimal(0)), currency)


def _computed(lines: Sequence[TaxedLine], currency: str) -> Money:
    per_rate = next(iter(_ways(lines, currency)))
    return Money.of(_sum(per_rate, currency), currency)


def _grouped(lines: Sequence[TaxedLine], rounding: _Round) -> _Shares:
    shares: _Shares = {}
    for line in lines:
        for group, share in _of_line(line, rounding):
            before = shares.get(group, _Share(Decimal(0), Decimal(0)))
            shares[group] = _Share(before.basis + share.basis, before.amount + share.amount)
    return shares


def _of_line(line: TaxedLine, rounding: _Round) -> Iterator[tuple[_Group, _Share]]:
    """Each tax of a line; a compound one is computed on the line plus the taxes before it."""
    before, chain = Decimal(0), tuple[tuple[str, Decimal], ...]()
    for tax in line.taxes:
        basis = line.net + before if tax.compound else line.net
        amount = rounding(basis * tax.percent / 100)
        yield _Group(tax.name, tax.percent, chain if tax.compound else ()), _Share(basis, amount)
        before += amount
        chain = (*chain, (tax.name, tax.percent))


def _rounded(share: _Share, currency: str) -> _Share:
    return _Share(share.basis, round_to_unit(share.amount, currency))


def _attributed(shares: _Shares, tax: Money) -> tuple[TaxTotal, ...]:
    if not shares:
        return ()
    amounts = [Money.of(s.amount, tax.currency).rounded() for s in shares.values()]
    left_over = tax - Money.total(amounts, tax.currency)
    extra = left_over.allocate([abs(s.amount) for s in shares.values()])
    return tuple(
        TaxTotal(
            name=group.name,
            percent=group.percent,
            basis=Money.of(share.basis, tax.currency).rounded(),
            amount=amount + more,
        )
        for (group, share), amount, more in zip(shares.items(), amounts, extra, strict=True)
    )
