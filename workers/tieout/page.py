"""The report as one page of HTML that needs nothing else: no script, no address, no font."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from documents.tieout import Break, BreakState
from policies.tieout.causes import cause_of
from workers.csvsafe import Cell
from workers.tieout.chart import ageing_chart, totals_chart
from workers.tieout.report import (
    ACCOUNT_HEADER,
    AGES_HEADER,
    CHECK_HEADER,
    MOVEMENT_HEADER,
    RECONCILING_HEADER,
    WRITTEN_OFF_HEADER,
    Report,
    account_cells,
    age,
    age_cells,
    check_cells,
    customers_title,
    left_out,
    movement_cells,
    reconciling_cells,
    shown,
    signature,
    written_off_cells,
)

_STYLE = """
:root{--ink:#1d2733;--soft:#5b6875;--line:#d9dfe5;--source:#2f6fab;--target:#e08a3c;--good:#1f7a4d;
--bad:#b3261e;--paper:#fff;--tint:#f5f7f9}
*{box-sizing:border-box}body{margin:0;background:var(--tint);color:var(--ink);
font:15px/1.5 "Segoe UI",system-ui,-apple-system,"Helvetica Neue",Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 12px}
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
.verdict{font-size:20px;font-weight:600;margin:8px 0 0}
.cards{display:flex;flex-wrap:wrap;gap:12px;margin:24px 0 0}
.card{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:12px 18px;
min-width:130px}.card b{display:block;font-size:24px;font-variant-numeric:tabular-nums}
.panel{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:16px 20px;
overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;color:var(--soft);font-weight:600;border-bottom:2px solid var(--line)}
th,td{padding:7px 10px 7px 0;vertical-align:top}tr+tr td{border-top:1px solid var(--line)}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.k{white-space:nowrap}
.tag{border:1px solid var(--line);border-radius:10px;padding:1px 8px;font-size:13px;
white-space:nowrap}.tag.open{border-color:var(--bad);color:var(--bad)}
.sign{display:flex;gap:48px;margin-top:12px}.sign div{flex:1;border-top:1px solid var(--ink);
padding-top:6px;margin-top:36px}
svg{display:block;max-width:100%;height:auto}svg text{font:13px "Segoe UI",system-ui,sans-serif}
@media print{body{background:#fff}main{padding:0}.panel,.card{break-inside:avoid}}
"""


def html(report: Report) -> str:
    """The whole page."""
    summary = report.summary
    title = f"Tie-out of {summary.connection}, {summary.period}"
    parts = [
        _head(report, title),
        _cards(report),
        "<h2>Control totals</h2>",
        f'<div class="panel">{totals_chart(summary.totals)}{_totals(report)}</div>',
        _section("By account", ACCOUNT_HEADER, account_cells(summary)),
        _section("Checks", CHECK_HEADER, check_cells(summary)),
        "<h2>Breaks and timing differences</h2>",
        f'<div class="panel">{_breaks(report)}</div>',
        _section("Breaks by kind and age", AGES_HEADER, age_cells(report)),
        _section("Written off by two people", WRITTEN_OFF_HEADER, written_off_cells(report)),
        _reconciling(report),
        _section(
            customers_title(report),
            MOVEMENT_HEADER,
            [row for movement in report.movements for row in movement_cells(movement)],
        ),
        _closed(report),
        _signatures(report),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _head(report: Report, title: str) -> str:
    summary = report.summary
    colour = "good" if report.is_tied else "bad"
    finished = summary.finished_at or report.made_at
    note = f" ({summary.note})" if summary.note else ""
    return (
        f'<h1>{escape(title)}</h1><div class="soft">Run {summary.run} of '
        f"{finished:%Y-%m-%d %H:%M} UTC: {summary.source_read:,} documents of the source, "
        f"{summary.target_read:,} entries of the target{escape(note)}</div>"
        f'<p class="verdict {colour}">{escape(report.verdict[:1].upper() + report.verdict[1:])}</p>'
    )


def _cards(report: Report) -> str:
    summary = report.summary
    repaired = report.repaired
    figures = {
        "open": summary.count(BreakState.OPEN),
        "proposed": summary.count(BreakState.PROPOSED),
        "approved": summary.count(BreakState.APPROVED),
        "timing differences": summary.count(BreakState.TIMING),
        "written off": sum(each.count for each in report.written_off),
        "accepted by rule": summary.count(BreakState.ACCEPTED)
        - sum(each.count for each in report.written_off if not each.is_booked),
        "repaired": repaired,
        "closed": summary.count(BreakState.CLOSED),
    }
    cards = (f'<div class="card"><b>{n:,}</b>{escape(name)}</div>' for name, n in figures.items())
    return f'<div class="cards">{"".join(cards)}</div>'


def _totals(report: Report) -> str:
    header = ("Kind", "Currency", "Source", "Amount", "Target", "Amount", "Reversed", "Outside", "")
    rows = []
    for total in report.summary.totals:
        difference = total.target.amount - total.source.amount
        verdict = (
            '<span class="good">ties</span>'
            if total.ties
            else f'<span class="bad">{shown(difference, total.currency)}</span>'
        )
        cells = [
            f"<td>{escape(total.kind.value)}</td><td>{escape(total.currency)}</td>",
            *(
                f'<td class="n">{text}</td>'
                for text in (
                    f"{total.source.count:,}",
                    shown(total.source.amount, total.currency),
                    f"{total.target.count:,}",
                    shown(total.target.amount, total.currency),
                    f"{total.reversed.count:,}",
                    f"{total.outside.count:,}",
                    verdict,
                )
            ),
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return _table(header, rows, numeric=range(2, 9))


def _breaks(report: Report) -> str:
    if not report.breaks:
        return '<p class="good">Nothing: both sides tell the same story.</p>'
    header = (
        "State",
        "Type",
        "Document",
        "Source says",
        "Target says",
        "Days",
        "Why, and what to do",
    )
    rows = [_break(each, report) for each in report.breaks]
    ages = ageing_chart(report.ages)
    more = f'<p class="soft">{_more(len(rows), report.unshown)}</p>' if report.unshown else ""
    return f"{ages}{_table(header, rows, numeric=(5,))}{more}"


def _more(here: int, unshown: int) -> str:
    return f"The first {here:,} of {here + unshown:,}: the CSV and XLSX exports have all of them."


def _break(found: Break, report: Report) -> str:
    cause = cause_of(found.cause)
    advice = found.how or (f"Probably {found.suggestion}." if found.suggestion else cause.advice)
    target = f"<br>{escape(found.target_number)}" if found.target_number else ""
    state = "open" if found.state is BreakState.OPEN else ""
    return (
        f'<tr><td><span class="tag {state}">{escape(found.state.value)}</span></td>'
        f"<td>{escape(found.type.value)}</td>"
        f'<td class="k">{escape(found.kind.value)} {escape(found.number)}'
        f'<span class="soft">{target}</span></td>'
        f'<td class="k">{escape(found.source_value)}</td>'
        f'<td class="k">{escape(found.target_value)}</td>'
        f'<td class="n">{age(found, report.made_at)}</td>'
        f'<td>{escape(cause.words)} <span class="soft">{escape(advice)}</span></td></tr>'
    )


def _reconciling(report: Report) -> str:
    """What others posted and is no break; the exports have all of it."""
    cells = [reconciling_cells(row) for row in report.reconciling]
    number = sum(t.outside.count for t in report.summary.totals)
    title = "Reconciling items: what others posted" + left_out(len(cells), number)
    return _section(title, RECONCILING_HEADER, cells)


def _closed(report: Report) -> str:
    if not report.closed:
        return ""
    rows: list[list[Cell]] = [
        [b.type.value, f"{b.kind.value} {b.number}", b.source_value, b.target_value, b.how]
        for b in report.closed
    ]
    title = "Closed" + left_out(len(rows), report.summary.count(BreakState.CLOSED))
    return _section(title, ("type", "document", "source said", "target said", "how"), rows)


def _signatures(report: Report) -> str:
    sign_off = report.sign_off
    preparer = escape(sign_off.preparer) if sign_off else "&nbsp;"
    approver = escape(sign_off.approver) if sign_off and sign_off.approver else "&nbsp;"
    return (
        f'<h2>Sign-off</h2><div class="panel"><div>{escape(signature(sign_off))}</div>'
        f'<div class="sign"><div><span class="soft">Preparer</span><br>{preparer}</div>'
        f'<div><span class="soft">Approver</span><br>{approver}</div></div></div>'
    )


def _section(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    cells = [list(row) for row in rows]
    if not cells:
        return ""
    lines = [f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in cells]
    names = tuple(name.capitalize() for name in header)
    numeric = [n for n, cell in enumerate(cells[0]) if _is_number(cell)]
    return f'<h2>{escape(title)}</h2><div class="panel">{_table(names, lines, numeric)}</div>'


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, Decimal | int) and not isinstance(cell, bool)


def _cell(cell: Cell) -> str:
    if isinstance(cell, bool):
        good = "good" if cell else "bad"
        return f'<td class="{good}">{"yes" if cell else "no"}</td>'
    if isinstance(cell, Decimal):
        return f'<td class="n">{cell:,.2f}</td>'
    if isinstance(cell, int):
        return f'<td class="n">{cell:,}</td>'
    return f"<td>{escape('' if cell is None else str(cell))}</td>"


def _table(header: Sequence[str], rows: Sequence[str], numeric: Iterable[int] = ()) -> str:
    right = set(numeric)
    heads = "".join(
        f"<th{' class=n' if n in right else ''}>{escape(name)}</th>"
        for n, name in enumerate(header)
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
