"""NAV's own arithmetic over a sales document: invoice discount, VAT per group, totals.

VAT is rounded once per group of lines with the same VAT identifier, kind, rate and sign, and
shared back to the lines so that they add up to it (table 37, UpdateVATOnLines).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.nav.company import Company
from sandbox.nav.money import precision_of, rounded, spread
from sandbox.nav.schema import Row
from sandbox.nav.values import amount

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class LineFigures:
    """One line in document currency: its invoice discount, net amount and gross amount."""

    discount: Decimal = _ZERO
    net: Decimal = _ZERO
    gross: Decimal = _ZERO

    @property
    def vat(self) -> Decimal:
        """The tax in the line."""
        return self.gross - self.net


@dataclass(frozen=True)
class Figures:
    """A whole document in its currency; `lines` are in the order they were given."""

    lines: tuple[LineFigures, ...]

    @property
    def net(self) -> Decimal:
        """The amount without VAT."""
        return sum((line.net for line in self.lines), _ZERO)

    @property
    def gross(self) -> Decimal:
        """The amount including VAT."""
        return sum((line.gross for line in self.lines), _ZERO)


@dataclass(frozen=True)
class _Group:
    kind: str
    percent: Decimal
    identifier: str
    positive: bool


def calculate(company: Company, header: Row, lines: Sequence[Row]) -> Figures:
    """The figures of a draft as they would be posted now."""
    precision = precision_of(company, header["Currency_Code"])
    discounts = _discounts(header, lines, precision)
    rests = [amount(line, "Line_Amount") - cut for line, cut in zip(lines, discounts, strict=True)]
    groups: dict[_Group, list[int]] = {}
    for place, line in enumerate(lines):
        if line["Type"] != " ":
            groups.setdefault(_group(company, line, rests[place]), []).append(place)
    figures = [LineFigures(discount=cut) for cut in discounts]
    inclusive = bool(header["Prices_Including_VAT"])
    for group, places in groups.items():
        shares = _taxed(group, [rests[place] for place in places], inclusive, precision)
        for place, (net, gross) in zip(places, shares, strict=True):
            figures[place] = LineFigures(discounts[place], net, gross)
    return Figures(tuple(figures))


def _discounts(header: Row, lines: Sequence[Row], precision: Decimal) -> list[Decimal]:
    total = amount(header, "Invoice_Discount_Amount")
    weights = [
        amount(line, "Line_Amount") if line["Allow_Invoice_Disc"] else _ZERO for line in lines
    ]
    return spread(total, weights, precision)


def _group(company: Company, line: Row, rest: Decimal) -> _Group:
    setup = company["VAT Posting Setup"].get(
        line["VAT_Bus_Posting_Group"], line["VAT_Prod_Posting_Group"]
    )
    kind = setup["VAT_Calculation_Type"] if setup else "Normal VAT"
    identifier = setup["VAT_Identifier"] if setup else ""
    return _Group(kind, amount(line, "VAT_Percent"), identifier, rest >= 0)


def _taxed(
    group: _Group, rests: list[Decimal], inclusive: bool, precision: Decimal
) -> list[tuple[Decimal, Decimal]]:
    """Net and gross of each line of a group, from running totals, so that only the sum rounds."""
    shares, running, net_given, gross_given = [], _ZERO, _ZERO, _ZERO
    for rest in rests:
        running += rest
        net, gross = _split(group, running, inclusive, precision)
        shares.append((net - net_given, gross - gross_given))
        net_given, gross_given = net, gross
    return shares


def _split(
    group: _Group, total: Decimal, inclusive: bool, precision: Decimal
) -> tuple[Decimal, Decimal]:
    if group.kind == "Full VAT":
        return _ZERO, total
    if inclusive:
        return rounded(total * _HUNDRED / (_HUNDRED + group.percent), precision), total
    return total, total + rounded(total * group.percent / _HUNDRED, precision)


def draft_figures(company: Company, document: str, number: str) -> tuple[list[Row], Figures]:
    """The lines of a draft and its figures."""
    header = company["Sales Header"].require(document, number)
    lines = company["Sales Line"].within((document, number))
    return lines, calculate(company, header, lines)
