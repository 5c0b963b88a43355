"""What was posted by hand: which entry of the target stands for which document of the source.

An automatic rule decides alone, because nothing else fits: the same number, amount, currency and
customer within some days, and no second entry like it. A suggested rule (the same without the
number) only says which entry it probably is: a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents.tieout import Break

MOST_CANDIDATES = 200
"""Entries of one kind, currency and amount that are compared with each other; where there are
more, no rule can tell them apart."""


@dataclass(frozen=True)
class Pairing:
    """A document and the entry that stands for it; `rule` says why, in words."""

    source: Break
    target: Break
    automatic: bool
    rule: str


def pairings(source: Sequence[Break], target: Sequence[Break], days: int) -> Iterator[Pairing]:
    """The pairs among documents and entries of one kind, currency and amount; each at most once."""
    if not source or not target or len(source) > MOST_CANDIDATES or len(target) > MOST_CANDIDATES:
        return
    free_source, free_target = list(source), list(target)
    for automatic in (True, False):
        for pair in _unambiguous(free_source, free_target, days, automatic=automatic):
            free_source.remove(pair.source)
            free_target.remove(pair.target)
            yield pair


def _unambiguous(
    source: Sequence[Break], target: Sequence[Break], days: int, *, automatic: bool
) -> list[Pairing]:
    fits = _fits_by_number if automatic else _fits_by_party
    rule = "number, amount, date and customer" if automatic else "amount, date and customer"
    found = []
    for row in source:
        likely = [other for other in target if fits(row, other, days)]
        rivals = [other for other in source if likely and fits(other, likely[0], days)]
        if len(likely) == 1 and len(rivals) == 1:
            found.append(Pairing(row, likely[0], automatic, rule))
    return found


def _fits_by_number(source: Break, target: Break, days: int) -> bool:
    if not _same_party(source, target, unknown_fits=True) or not _near(source, target, days):
        return False
    wanted = source.number.strip().casefold()
    written = (target.number.strip().casefold(), target.target_number.strip().casefold())
    return bool(wanted) and wanted in written


def _fits_by_party(source: Break, target: Break, days: int) -> bool:
    return _near(source, target, days) and _same_party(source, target, unknown_fits=False)


def _near(source: Break, target: Break, days: int) -> bool:
    if source.day is None or target.day is None:
        return False
    return abs((source.day - target.day).days) <= days


def _same_party(source: Break, target: Break, *, unknown_fits: bool) -> bool:
    if not source.party or not target.party:
        return unknown_fits
    return source.party == target.party
