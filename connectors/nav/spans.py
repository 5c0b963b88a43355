"""Document numbers that follow each other: asked for as a range and not one by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_NUMBER = re.compile(r"(.*?)([0-9]{1,18})")
_FEWEST = 40
"""Numbers in a range that is worth a question of its own: as many as one filter names."""

_WIDEST_GAP = 5

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
