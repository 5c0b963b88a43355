"""Coded lines: what is booked where, before any field of the target is filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from documents.money import Money
from documents.record import TraceEntry
from mapping.names import SOURCE_LINE, Value, blanks_of, money, names_of, plain


class Role(StrEnum):
    """What a line stands for. All but revenue are made by the mapping."""

    REVENUE = "revenue"
    COST = "cost"
    DISCOUNT = "discount"
    TAX = "tax"
    CASH = "cash"
    ROUNDING = "rounding"
    DIFFERENCE = "difference"
    PARTY = "party"


Dimensions = tuple[tuple[str, str], ...]
"""Dimensions of the mapping by name, each with its value; blank where it has none."""

_NO_SOURCE = blanks_of(names_of("line", SOURCE_LINE))


@dataclass(frozen=True)
class CodedLine:
    """One line to book. `net` is exact; quantity times unit price always gives it.

    `source_ids` are the lines of the document it stands for, `facts` what they say of
    themselves (empty where the mapping made the line).
    """

    role: Role
    net: Money
    account: str
    tax_code: str
    name: str
    description: str = ""
    deferral: str = ""
    dimensions: Dimensions = ()
    quantity: Decimal = Decimal(1)
    unit_price: Money | None = None
    source_ids: tuple[str, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def coding(self) -> tuple[object, ...]:
        """What lines have in common that are added up by account."""
        return (self.role, self.account, self.tax_code, self.deferral, self.dimensions)

    def as_one(self, net: Money) -> CodedLine:
        """The same line as quantity 1 of another net."""
        return replace(self, net=net, quantity=Decimal(1), unit_price=None)

    def values(self, position: int) -> dict[str, Value]:
        """The names below `line`."""
        return {
            **_NO_SOURCE,
            **self.facts,
            "line.role": self.role.value,
            "line.position": position,
            "line.name": self.name,
            "line.description": self.description,
            "line.account": self.account,
            "line.tax_code": self.tax_code,
            "line.deferral": self.deferral,
            "line.quantity": plain(self.quantity),
            "line.unit_price": money(self.unit_price or self.net),
            "line.net": money(self.net),
            **{f"line.dimensions.{name}": value for name, value in self.dimensions},
        }


def aggregated(lines: Sequence[CodedLine]) -> tuple[list[CodedLine], list[TraceEntry]]:
    """Lines of the same coding added up, in the order in which each coding first appears.

    The trace lists what went into each sum.
    """
    groups: dict[tuple[object, ...], list[CodedLine]] = {}
    for line in lines:
        groups.setdefault(line.coding, []).append(line)
    result = [_sum(group) for group in groups.values()]
    trace = [
        _sum_entry(number, group, result[number - 1])
        for number, group in enumerate(groups.values(), 1)
        if len(group) > 1
    ]
    return result, trace


def _sum(group: Sequence[CodedLine]) -> CodedLine:
    first = group[0]
    if len(group) == 1:
        return first
    names = dict.fromkeys(line.name for line in group)
    return replace(
        first.as_one(Money.total((line.net for line in group), first.net.currency)),
        name=first.name if len(names) == 1 else f"{len(group)} lines",
        description="",
        source_ids=tuple(i for line in group for i in line.source_ids),
        facts={},
    )


def _sum_entry(number: int, group: Sequence[CodedLine], total: CodedLine) -> TraceEntry:
    parts = "; ".join(f"line {'+'.join(n.source_ids)}: {money(n.net)}" for n in group)
    return TraceEntry(
        field=f"lines[{number}]",
        rule=f"added up by account {total.account}",
        source=parts,
        value=money(total.net),
    )
