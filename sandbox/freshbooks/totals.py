"""How an invoice adds up: lines, discount, taxes (two per line, the second may be compound).

Line net = quantity x unit cost, rounded half up to the currency's minor unit; the discount is a
percentage of the subtotal, rounded; each tax (name, rate, compound) is computed on the sum of its
discounted line nets and rounded once. The official page does not print the rule; this is ours.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sandbox.freshbooks import money
from sandbox.freshbooks.errors import INVALID_PERCENT, ApiError, invalid, required
from sandbox.storage import Row

EXPENSE = 1
"""The type of a line that bills an expense on."""

_HUNDRED = Decimal(100)


class Tax(NamedTuple):
    """What makes two taxes the same."""

    name: str
    rate: Decimal
    compound: bool


@dataclass(frozen=True)
class Totals:
    """The sums of a document, each rounded to the minor unit; `discount` is positive."""

    subtotal: Decimal
    discount: Decimal
    taxes: dict[Tax, Decimal]

    @property
    def net(self) -> Decimal:
        """The sum before taxes."""
        return self.subtotal - self.discount

    @property
    def tax(self) -> Decimal:
        """All taxes."""
        return sum(self.taxes.values(), Decimal(0))

    @property
    def gross(self) -> Decimal:
        """What the client owes."""
        return self.net + self.tax


def lines(given: Any, former: list[Row], code: str, entity: str, stamp: str) -> list[Row]:
    """The lines of a body in their stored form; they replace the former ones.

    A line that brings a known `lineid` keeps it. Raises ApiError for anything that is not a line.
    """
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise invalid(entity, "lines", "", "lines is not a list of lines.")
    known = {row["lineid"] for row in former}
    fresh = max(known, default=0)
    made = []
    for item in given:
        lineid = item.get("lineid")
        if lineid not in known:
            fresh += 1
            lineid = fresh
        made.append(_line(item, lineid, code, entity) | {"updated": stamp})
    return made


def total(rows: list[Row], discount_percent: Decimal, code: str) -> Totals:
    """Add up stored lines."""
    subtotal = sum((money.amount(row["amount"]) for row in rows), Decimal(0))
    discount = money.rounded(subtotal * discount_percent / _HUNDRED, code)
    share = 1 - discount_percent / _HUNDRED
    exact: dict[Tax, Decimal] = defaultdict(Decimal)
    for row in rows:
        for tax, amount in _taxes(row, money.amount(row["amount"]) * share):
            exact[tax] += amount
    taxes = {tax: money.rounded(amount, code) for tax, amount in exact.items()}
    return Totals(subtotal, discount, taxes)


def percent(value: Any, entity: str, field: str) -> Decimal:
    """A percentage from 0 to 100; raises ApiError 1018."""
    parsed = money.number(value, entity, field)
    if not 0 <= parsed <= _HUNDRED:
        message = f"{field} is not a percentage."
        raise ApiError(INVALID_PERCENT, message, field=field, entity=entity, value=value)
    return parsed


def _taxes(row: Row, net: Decimal) -> list[tuple[Tax, Decimal]]:
    first = Decimal(row["taxAmount1"])
    second = Decimal(row["taxAmount2"])
    compound = bool(row["compounded_tax"])
    first_amount = net * first / _HUNDRED
    base = net + first_amount if compound else net
    found = [
        (Tax(row["taxName1"] or "", first, False), first_amount),
        (Tax(row["taxName2"] or "", second, compound), base * second / _HUNDRED),
    ]
    return [(tax, amount) for tax, amount in found if tax.name or tax.rate]


def _line(item: Row, lineid: int, code: str, entity: str) -> Row:
    quantity = money.number(item.get("qty") or 0, entity, "qty")
    cost, cost_code = money.parsed_money(item.get("unit_cost") or 0, code, entity, "unit_cost")
    if cost_code != code:
        raise invalid(entity, "unit_cost.code", cost_code, "Lines must be in the same currency.")
    net = money.rounded(quantity * cost, code)
    if item.get("type") == EXPENSE and not item.get("expenseid"):
        raise required(entity, "expenseid")
    return {
        "lineid": lineid,
        "type": int(money.number(item.get("type") or 0, entity, "type")),
        "name": str(item.get("name") or ""),
        "description": str(item.get("description") or ""),
        "qty": money.plain(quantity),
        "unit_cost": {"amount": _cost(cost, code), "code": code},
        "amount": money.money(net, code),
        "taxName1": item.get("taxName1") or None,
        "taxAmount1": _rate(item, "taxAmount1", entity),
        "taxNumber1": None,
        "taxName2": item.get("taxName2") or None,
        "taxAmount2": _rate(item, "taxAmount2", entity),
        "taxNumber2": None,
        "compounded_tax": bool(item.get("compounded_tax", False)),
        "expenseid": int(money.number(item.get("expenseid") or 0, entity, "expenseid")),
        "taskno": lineid,
        # Lines that are made of tracked time carry it; the interface itself takes none.
        "modern_project_id": item.get("modern_project_id") or None,
        "modern_time_entries": [],
        "retainer_id": None,
        "retainer_period_id": None,
    }


def _rate(item: Row, field: str, entity: str) -> str:
    return money.plain(percent(item.get(field) or 0, entity, field))


def _cost(cost: Decimal, code: str) -> str:
    """A unit cost keeps its own decimals when it has more than the currency."""
    shown = money.text(cost, code)
    return shown if Decimal(shown) == cost else money.plain(cost)
