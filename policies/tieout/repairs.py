"""What is repaired by itself, and that nothing is where one side was not seen at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from documents.key import Kind
from documents.ledger import document_of
from documents.tieout import Break, BreakCount, BreakState, BreakType, ControlTotal, Remedy
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


_PROCESSES = tuple(
    kind.value
    for kind in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PREPAYMENT, Kind.EXPENSE, Kind.BILL)
)


def is_repairable(found: Break) -> bool:
    """Whether starting the process of the document is safe and can put it right."""
    is_due = found.remedy is Remedy.REPAIR and found.state is BreakState.OPEN
    return is_due and bool(found.match) and process_of(found)[0] in _PROCESSES


def process_of(found: Break) -> tuple[str, str]:
    """Kind and source id of the document whose process puts a break right: that of a payment's
    invoice or bill for a payment. ValueError when there is none."""
    kind, source_id = document_of(found.parent or found.match)
    return kind.value, source_id
