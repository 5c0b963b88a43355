"""Shares of an amount that add up to it, also where lines are negative."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from documents.money import Money, smallest_unit


def share(amount: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Split an amount in proportion to weights of either sign; the parts add up to it exactly.

    With weights of one sign this is `Money.allocate`. With both, each part follows the sign of
    its weight; left-over units go to the largest remainders. Weights that cancel out cannot be
    followed: all of the amount goes to the first part.
    """
    if not amount:
        return [Money.zero(amount.currency) for _ in weights]
    if all(w >= 0 for w in weights) or all(w <= 0 for w in weights):
        return amount.allocate(weights)
    whole = sum(weights, Decimal(0))
    parts = [Decimal(0)] * len(weights)
    if whole:
        parts = _floors(amount, weights, whole)
    parts[0] += amount.amount - sum(parts, Decimal(0))
    return [Money(amount=part, currency=amount.currency) for part in parts]


def _floors(amount: Money, weights: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    unit = smallest_unit(amount.currency)
    ideal = [amount.amount * weight / whole / unit for weight in weights]
    floors = [i.to_integral_value(ROUND_FLOOR) for i in ideal]
    left = int(amount.amount / unit - sum(floors, Decimal(0)))
    order = sorted(range(len(ideal)), key=lambda n: (floors[n] - ideal[n], n))
    for n in order[: max(left, 0)]:
        floors[n] += 1
    return [floor * unit for floor in floors]
