"""Counting what became of documents: by kind, outcome and currency, with the first examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from activities.errands import Example, Line
from documents.money import Money

MOST_EXAMPLES = 20
"""Of documents that need a person; the others are in `tieout holds list`."""


@dataclass
class Tally:
    """Grows document by document; its memory is one line for each kind, outcome and currency."""

    lines: dict[tuple[str, str, str], Line] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)

    def add(self, kind: str, outcome: str, amount: Money | None) -> None:
        self.add_line(
            Line(
                kind=kind,
                outcome=outcome,
                currency=amount.currency if amount else "",
                number=1,
                amount=amount,
            )
        )

    def add_line(self, line: Line) -> None:
        place = (line.kind, line.outcome, line.currency)
        before = self.lines.get(place)
        self.lines[place] = _sum(before, line) if before else line

    def explain(self, kind: str, number: str, outcome: str, reason: str) -> None:
        if len(self.examples) < MOST_EXAMPLES:
            example = Example(kind=kind, number=number, outcome=outcome, reason=reason)
            self.examples.append(example)

    def sorted_lines(self) -> tuple[Line, ...]:
        return tuple(self.lines[place] for place in sorted(self.lines))


def merged(lines: Iterable[Line], more: Iterable[Line]) -> tuple[Line, ...]:
    """Two tallies as one."""
    tally = Tally()
    for line in (*lines, *more):
        tally.add_line(line)
    return tally.sorted_lines()


def _sum(one: Line, other: Line) -> Line:
    amount = one.amount + other.amount if one.amount and other.amount else one.amount
    return one.model_copy(update={"number": one.number + other.number, "amount": amount})
