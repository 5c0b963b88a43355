"""Whether a period ties: one answer for the run, the report and whoever signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from documents.tieout import BreakState, TieOutSummary

COUNTED = (BreakState.OPEN, BreakState.PROPOSED, BreakState.APPROVED)
"""Breaks that keep a period from tying."""

_LISTED = (*COUNTED, BreakState.TIMING, BreakState.ACCEPTED)


@dataclass(frozen=True)
class Verdict:
    """`reasons` are why a period does not tie, in words. `waiting` are timing differences: they
    go away by themselves and nobody signs before. `explained` were accepted."""

    reasons: tuple[str, ...] = ()
    waiting: int = 0
    explained: int = 0

    @property
    def is_tied(self) -> bool:
        """Nothing open, and every sum equal but for the differences that are listed."""
        return not self.reasons

    @property
    def may_be_signed(self) -> bool:
        return self.is_tied and not self.waiting

    def __str__(self) -> str:
        """The one sentence that people read first."""
        if self.reasons:
            return f"does not tie: {'; '.join(self.reasons)}"
        told = []
        if self.waiting:
            told.append(f"{_counted(self.waiting, 'difference')} of timing")
        if self.explained:
            told.append(_counted(self.explained, "explained difference"))
        return f"ties, with {' and '.join(told)}" if told else "ties to the cent"


def verdict(summary: TieOutSummary) -> Verdict:
    """What the figures of a finished run come to, with its breaks as they stand now."""
    reasons = (*_open(summary), *_totals(summary), *_checks(summary), *_movements(summary))
    return Verdict(
        reasons=reasons,
        waiting=summary.count(BreakState.TIMING),
        explained=summary.count(BreakState.ACCEPTED),
    )


def _open(summary: TieOutSummary) -> Iterator[str]:
    if not summary.is_finished:
        yield "the run is not finished"
    if number := summary.count(*COUNTED):
        yield f"{_counted(number, 'break')} open"


def _totals(summary: TieOutSummary) -> Iterator[str]:
    """What the totals differ by has to be what the listed differences add up to."""
    listed = {(each.kind, each.currency): each.amount for each in summary.listed}
    for total in summary.totals:
        gap = total.target.amount - total.source.amount
        left = gap - listed.pop((total.kind, total.currency), Decimal(0))
        what = f"{total.kind.value}{f' in {total.currency}' if total.currency else ''}"
        if left:
            yield f"control totals of {what} differ, {left:f} of it in no break"
        elif total.target.count != total.source.count and not summary.count(*_LISTED):
            yield f"the numbers of {what} differ and nothing says why"
    for (kind, currency), amount in listed.items():
        if amount:
            yield f"breaks of {kind.value} in {currency} come to {amount:f}, the totals to nothing"


def _checks(summary: TieOutSummary) -> Iterator[str]:
    for check in summary.checks:
        if not check.ties:
            yield f"{check.name} differ in {check.currency}"


def _movements(summary: TieOutSummary) -> Iterator[str]:
    """Customers may differ by what is listed, to the cent."""
    if number := summary.movements_unexplained:
        verb = "differ" if number > 1 else "differs"
        yield f"{_counted(number, 'customer')} {verb} by what is in no break"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"
