"""Whether what seems to be missing is missing, or one side was not seen at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from documents.tieout import BreakCount, BreakState, BreakType, ControlTotal
from policies.tieout.settings import TieOutPolicy

_SHARE = Decimal("0.05")


def looks_empty(
    totals: Sequence[ControlTotal], counts: Iterable[BreakCount], policy: TieOutPolicy
) -> str:
    """Why nothing is repaired, in words; empty when it may be. So many documents are missing on
    one side only in the wrong company, or without the right to see them: to post the rest again,
    or to take it back, would do the harm."""
    lacking = {BreakType.MISSING_IN_TARGET: 0, BreakType.ORPHAN: 0}
    for each in counts:
        if each.state is BreakState.OPEN and each.type in lacking:
            lacking[each.type] += each.count
    if lacking[BreakType.MISSING_IN_TARGET] > _most(sum(t.source.count for t in totals), policy):
        return "the target looks empty: check company and rights"
    if lacking[BreakType.ORPHAN] > _most(sum(t.target.count for t in totals), policy):
        return "the source looks empty: check account and rights"
    return ""


def _most(read: int, policy: TieOutPolicy) -> Decimal:
    return max(Decimal(policy.most_repairs), read * _SHARE)
