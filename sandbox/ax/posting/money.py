"""Rounding to a currency's unit, and conversion to the accounting currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sandbox.ax import chart
from sandbox.ax.errors import AifError

ZERO = Decimal(0)
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_LIMIT = Decimal(10) ** 18


def rounded(value: Decimal, currency: str) -> Decimal:
    """The nearest amount of a currency, halves away from zero.

    Raises AifError for an amount that a real of AX cannot hold.
    """
    precision = Decimal(chart.CURRENCIES[currency].precision)
    if abs(value) >= _LIMIT:
        raise AifError("TooLarge", value=value)
    return (value / precision).quantize(_ONE, ROUND_HALF_UP) * precision


def to_base(value: Decimal, rate: Decimal) -> Decimal:
    """An amount in the accounting currency; `rate` is the worth of 100 units."""
    return rounded(value * rate / _HUNDRED, chart.BASE_CURRENCY)


class BaseAmounts:
    """Converts the parts of one voucher so that they add up in the accounting currency, too.

    Each part is the rounded running total minus what was given before.
    """

    def __init__(self, rate: Decimal) -> None:
        self._rate = rate
        self._running = ZERO
        self._given = ZERO

    def next(self, value: Decimal) -> Decimal:
        """The next part in the accounting currency."""
        self._running += value
        upto = to_base(self._running, self._rate)
        part = upto - self._given
        self._given = upto
        return part
