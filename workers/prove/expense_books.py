"""What must hold of expenses in the books of both sides once everything has come to rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from workers.prove.lane import Row

_WITHDRAWN = ("deleted", "archived")


@dataclass(frozen=True)
class ExpenseBooks:
    """Postings of expenses by source id: those that stand, those that were taken back, and what
    took them back. `held` wait for a person, and still never stand twice."""

    source: list[Row]
    posted: Mapping[str, list[Row]]
    reversed: Mapping[str, list[Row]]
    reversals: Mapping[str, list[Row]]
    held: frozenset[str]

    def findings(self) -> Iterator[str]:
        """Posted twice, lost, over another amount, or not told who was paid."""
        for row in self.source:
            name, ours = f"expense {row['document']}", self.posted.get(row["document"], [])
            back = len(self.reversed.get(row["document"], []))
            by = len(self.reversals.get(row["document"], []))
            if back != by:
                yield f"{name}: {by} reversals of {back} reversed postings"
            if len(ours) > 1:
                yield f"{name} is posted {len(ours)} times"
            elif row["document"] not in self.held:
                yield from _expense(name, row, ours)


def _expense(name: str, row: Row, ours: list[Row]) -> Iterator[str]:
    if row["state"] in _WITHDRAWN:
        if ours:
            yield f"{name} is withdrawn at the source and posted in the target"
        return
    if not ours:
        yield f"{name} is not posted"
        return
    (posted,) = ours
    for field in ("amount", "currency"):
        if _same(posted[field]) != _same(row[field]):
            yield f"{name}: {field} {row[field]} at the source, {posted[field]} in the target"
    mark, is_paid = f"paid as {posted['number']}", not Decimal(posted["remaining"])
    if is_paid != (mark in row["key"]):
        yield f"{name}: {posted['remaining']} remaining, its notes say {row['key']!r}"


def _same(value: str) -> str:
    """What is owed stands with another sign than what is claimed."""
    return value.lstrip("-")
