"""Charts as inline SVG: bars that need no script and print well."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from documents.tieout import ControlTotal
from store.tieout_figures import AGES, Aged
from workers.tieout.report import shown

_WIDTH, _LABEL, _FIGURE = 1040, 170, 150
_BAR, _GAP = 16, 12


def totals_chart(totals: Sequence[ControlTotal]) -> str:
    """Both sides of each control total, one bar above the other; each pair has its own scale,
    because currencies cannot be compared. What has no amount, as customers, has no bar."""
    totals = [total for total in totals if total.currency]
    if not totals:
        return ""
    height = len(totals) * (2 * _BAR + _GAP) + 30
    bars = "".join(_pair(total, 26 + n * (2 * _BAR + _GAP)) for n, total in enumerate(totals))
    legend = (
        f'<rect x="{_LABEL}" y="2" width="12" height="12" fill="#2f6fab"/>'
        f'<text x="{_LABEL + 18}" y="13" fill="#5b6875">source</text>'
        f'<rect x="{_LABEL + 90}" y="2" width="12" height="12" fill="#e08a3c"/>'
        f'<text x="{_LABEL + 108}" y="13" fill="#5b6875">target</text>'
    )
    return _svg(height, "Control totals of both sides", legend + bars)


def _pair(total: ControlTotal, top: int) -> str:
    most = max(abs(total.source.amount), abs(total.target.amount), Decimal(1))
    name = f"{total.kind.value}, {total.currency}"
    label = f'<text x="0" y="{top + _BAR + 5}" fill="#1d2733">{escape(name)}</text>'
    source = _bar(total.source.amount, most, top, "#2f6fab", total.currency)
    target = _bar(total.target.amount, most, top + _BAR, "#e08a3c", total.currency)
    return label + source + target


def _bar(amount: Decimal, most: Decimal, top: int, colour: str, currency: str) -> str:
    room = _WIDTH - _LABEL - _FIGURE
    width = int(abs(amount) / most * room)
    return (
        f'<rect x="{_LABEL}" y="{top}" width="{max(width, 1)}" height="{_BAR - 1}" '
        f'fill="{colour}" rx="2"/>'
        f'<text x="{_LABEL + width + 8}" y="{top + _BAR - 2}" fill="#5b6875" '
        f'font-size="11">{escape(shown(amount, currency))}</text>'
    )


def ageing_chart(ages: Sequence[Aged]) -> str:
    """How old all breaks are."""
    counts = [sum(each.counts[n] for each in ages) for n in range(len(AGES))]
    most = max([*counts, 1])
    rows = []
    for n, (name, number) in enumerate(zip(AGES, counts, strict=True)):
        top = 4 + n * 22
        width = int(number / most * (_WIDTH - _LABEL - _FIGURE)) if number else 0
        rows.append(
            f'<text x="0" y="{top + 13}" fill="#1d2733">{escape(name)}</text>'
            f'<rect x="{_LABEL}" y="{top}" width="{width}" height="16" fill="#7a8794" rx="2"/>'
            f'<text x="{_LABEL + width + 8}" y="{top + 13}" fill="#5b6875">{number}</text>'
        )
    return _svg(len(AGES) * 22 + 14, "Breaks by age", "".join(rows))


def _svg(height: int, title: str, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{content}</svg>'
    )
