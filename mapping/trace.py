"""The trace: which rule gave which field its value, from what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from documents.record import TraceEntry
from mapping.fields import Filled
from mapping.rules import Outcome


def entry(field: str, outcome: Outcome) -> TraceEntry:
    """The trace of one applied rule."""
    return TraceEntry(
        field=field,
        rule=outcome.rule,
        source=outcome.source,
        value=str(outcome.value).lower() if isinstance(outcome.value, bool) else outcome.value,
        note=outcome.note,
    )


def of_header(filled: Iterable[Filled]) -> list[TraceEntry]:
    return [entry(name, outcome) for name, outcome in filled]


def of_lines(lines: Sequence[Sequence[Filled]], first: int = 1) -> list[TraceEntry]:
    """The trace of the fields of many lines, numbered from `first`.

    What one rule did alike on several lines is one entry, `lines[1-3,5].Type`: the record is
    kept for years, and most of a long invoice's fields are the same on every line.
    """
    found: dict[Filled, list[int]] = {}
    for number, filled in enumerate(lines, first):
        for one in filled:
            found.setdefault(one, []).append(number)
    return [
        entry(f"lines[{_ranges(numbers)}].{name}", outcome)
        for (name, outcome), numbers in found.items()
    ]


def _ranges(numbers: Sequence[int]) -> str:
    """`1-3,5` for 1, 2, 3, 5."""
    runs = groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    parts = ([number for _, number in run] for _, run in runs)
    return ",".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)
