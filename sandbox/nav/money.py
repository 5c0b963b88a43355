"""Rounding to a currency's unit, and conversion to the local currency at a dated rate."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from sandbox.nav.company import Company
from sandbox.nav.errors import must_have_value, nothing_within
from sandbox.nav.values import amount, plain

_ONE = Decimal(1)
_FACTOR = Decimal("0.000000000000001")


def rounded(value: Decimal, precision: Decimal) -> Decimal:
    """The nearest multiple of `precision`, halves away from zero, as NAV's ROUND does."""
    return (value / precision).quantize(_ONE, ROUND_HALF_UP) * precision


def precision_of(company: Company, currency: str) -> Decimal:
    """The smallest amount of a currency; blank is the local one."""
    return _set_up(company, currency, "Amount_Rounding_Precision")


def unit_precision_of(company: Company, currency: str) -> Decimal:
    """The precision of prices in a currency."""
    return _set_up(company, currency, "Unit_Amount_Rounding_Precision")


def _set_up(company: Company, currency: str, field: str) -> Decimal:
    row = company["Currency"].require(currency) if currency else company.ledger_setup
    found = amount(row, field)
    if not found:
        where = f"Currency: Code={currency}" if currency else "General Ledger Setup"
        raise must_have_value(field.replace("_", " "), where)
    return found


def spread(total: Decimal, weights: list[Decimal], precision: Decimal) -> list[Decimal]:
    """Share `total` over `weights` in whole units so that the parts add up to it exactly."""
    whole = sum(weights, Decimal(0))
    if not whole:
        return [Decimal(0)] * len(weights)
    parts, running, given = [], Decimal(0), Decimal(0)
    for weight in weights:
        running += weight
        upto = rounded(total * running / whole, precision)
        parts.append(upto - given)
        given = upto
    return parts


class Rate(NamedTuple):
    """`foreign` units of a currency are worth `local` units of the local currency."""

    foreign: Decimal
    local: Decimal

    def to_local(self, value: Decimal) -> Decimal:
        """An amount in local currency, not rounded."""
        return value * self.local / self.foreign

    @property
    def factor(self) -> str:
        """NAV's currency factor: foreign units for one local unit."""
        return plain((self.foreign / self.local).quantize(_FACTOR))


PAR = Rate(_ONE, _ONE)


def rate_of(company: Company, currency: str, day: str) -> Rate:
    """The rate in force on a day (ISO); raises NavError if there is none."""
    if not currency:
        return PAR
    known = company["Currency Exchange Rate"].within((currency,))
    valid = [row for row in known if row["Starting_Date"] <= day]
    if not valid:
        raise nothing_within(
            "Currency Exchange Rate",
            [("Currency Code", currency), ("Starting Date", f"''..{day}")],
        )
    latest = valid[-1]
    return Rate(
        amount(latest, "Exchange_Rate_Amount"), amount(latest, "Relational_Exch_Rate_Amount")
    )


class LocalAmounts:
    """Converts the parts of one document so that they add up in local currency, too.

    Each part is the rounded running total minus what was given before, as Sales-Post does it.
    """

    def __init__(self, company: Company, rate: Rate) -> None:
        self._rate = rate
        self._precision = precision_of(company, "")
        self._running = Decimal(0)
        self._given = Decimal(0)

    def next(self, value: Decimal) -> Decimal:
        """The next part in local currency."""
        self._running += value
        upto = rounded(self._rate.to_local(self._running), self._precision)
        part = upto - self._given
        self._given = upto
        return part
