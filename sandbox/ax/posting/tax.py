"""Sales tax: the codes that a sales tax group and an item sales tax group have in common.

Tax is rounded once per combination of codes and shared back to the lines, so that only the sum is
rounded. With prices that include tax, it is taken out of the amounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.ax import chart
from sandbox.ax.posting.money import ZERO, rounded

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Taxable:
    """A line: its amount as it stands in the document, and its two groups."""

    amount: Decimal
    tax_group: str
    item_group: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The tax codes of the line."""
        allowed = chart.TAX_GROUPS.get(self.tax_group, ())
        return tuple(
            code for code in chart.TAX_ITEM_GROUPS.get(self.item_group, ()) if code in allowed
        )


@dataclass
class LineFigures:
    """A line's net amount and tax."""

    net: Decimal = ZERO
    tax: Decimal = ZERO


@dataclass(frozen=True)
class TaxFigures:
    """What one tax code comes to."""

    code: str
    percent: Decimal
    base: Decimal
    tax: Decimal
    tax_group: str
    item_group: str


@dataclass
class Figures:
    """A document's figures in its currency."""

    lines: list[LineFigures] = field(default_factory=list)
    taxes: list[TaxFigures] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """The amount without tax."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """The tax."""
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def gross(self) -> Decimal:
        """The amount with tax."""
        return self.net + self.tax


def calculate(lines: Sequence[Taxable], currency: str, *, inclusive: bool) -> Figures:
    """The figures of a document."""
    figures = Figures([LineFigures() for _ in lines])
    groups: dict[tuple[str, str, tuple[str, ...]], list[int]] = {}
    for place, line in enumerate(lines):
        combination = (line.tax_group, line.item_group, line.codes)
        groups.setdefault(combination, []).append(place)
    for (tax_group, item_group, codes), places in groups.items():
        amounts = [lines[place].amount for place in places]
        shares = _shares(amounts, codes, currency, inclusive)
        for place, share in zip(places, shares, strict=True):
            figures.lines[place] = share
        base = sum((figures.lines[place].net for place in places), ZERO)
        total = sum(amounts, ZERO)
        for code, tax in _split(total, codes, currency, inclusive).items():
            percent = Decimal(chart.TAX_RATES[code])
            figures.taxes.append(TaxFigures(code, percent, base, tax, tax_group, item_group))
    return figures


def _shares(
    amounts: list[Decimal], codes: tuple[str, ...], currency: str, inclusive: bool
) -> list[LineFigures]:
    shares, running, net_given, tax_given = [], ZERO, ZERO, ZERO
    for amount in amounts:
        running += amount
        tax = sum(_split(running, codes, currency, inclusive).values(), ZERO)
        net = running - tax if inclusive else running
        shares.append(LineFigures(net - net_given, tax - tax_given))
        net_given, tax_given = net, tax
    return shares


def _split(
    total: Decimal, codes: tuple[str, ...], currency: str, inclusive: bool
) -> dict[str, Decimal]:
    percents = {code: Decimal(chart.TAX_RATES[code]) for code in codes}
    divisor = _HUNDRED + (sum(percents.values(), ZERO) if inclusive else ZERO)
    return {
        code: rounded(total * percent / divisor, currency) for code, percent in percents.items()
    }
