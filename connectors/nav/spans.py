"""Many numbers in few questions: as ranges where they follow each other, else by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TypeVar

_NUMBER = re.compile(r"(.*?)([0-9]{1,18})")
_NAMED_AT_ONCE = 40
"""What one filter names: an address must not grow beyond what servers take."""

_FEWEST = _NAMED_AT_ONCE
"""Numbers in a range that is worth a question of its own."""

_WIDEST_GAP = 5

_T = TypeVar("_T", str, int)

Span = tuple[str, str]
"""The first and the last number of a range, of one form and length: NAV orders such numbers as
people do."""


def spans(numbers: Collection[str]) -> list[Span]:
    """Ranges that hold many of these numbers and few others: at most five times as many."""
    forms: dict[tuple[str, int], list[int]] = {}
    for text in numbers:
        found = _NUMBER.fullmatch(text)
        if found is not None:
            prefix, digits = found.groups()
            forms.setdefault((prefix, len(digits)), []).append(int(digits))
    return [
        (f"{prefix}{run[0]:0{length}}", f"{prefix}{run[-1]:0{length}}")
        for (prefix, length), known in sorted(forms.items())
        for run in _runs(sorted(known))
        if len(run) >= _FEWEST
    ]


def _runs(ordered: list[int]) -> Iterator[list[int]]:
    """Numbers in order, apart where a gap is wide."""
    run: list[int] = []
    for number in ordered:
        if run and number - run[-1] > _WIDEST_GAP:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def chunks(wanted: Collection[_T]) -> Iterator[list[_T]]:
    """So many as one filter names, in order."""
    ordered = sorted(wanted)
    for start in range(0, len(ordered), _NAMED_AT_ONCE):
        yield ordered[start : start + _NAMED_AT_ONCE]
