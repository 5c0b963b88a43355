"""The report on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.table import Table

from documents.tieout import BreakState
from policies.tieout.causes import cause_of
from workers.commands.screen import PlainTable
from workers.csvsafe import Cell
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
    movement_cells,
    reconciling_cells,
    shown,
    signature,
    written_off_cells,
)


def show(report: Report, console: Console, *, everything: bool = False) -> None:
    """Control totals, checks, breaks and signatures; with `everything` the customers that differ
    and what is closed too."""
    summary = report.summary
    colour = "green" if report.is_tied else "red"
    console.print(
        f"Tie-out of [bold]{summary.connection}[/] for [bold]{summary.period}[/]: "
        f"[{colour}]{report.verdict}[/]"
    )
    console.print(_totals(report))
    _print(console, "By account", ACCOUNT_HEADER, account_cells(summary))
    _print(console, "Checks", CHECK_HEADER, check_cells(summary))
    if report.breaks:
        console.print(_breaks(report))
    if report.unshown:
        console.print(f"and {report.unshown:,} more: tieout tie-out export has all of them")
    _print(console, "Breaks by kind and age", AGES_HEADER, age_cells(report))
    _print(console, "Written off by two people", WRITTEN_OFF_HEADER, written_off_cells(report))
    closed = summary.count(BreakState.CLOSED)
    told = f"{closed} closed, {report.repaired} of them repaired by the house"
    console.print(f"{told}; {summary.note or 'the period is over'}")
    if everything:
        others = [reconciling_cells(row) for row in report.reconciling]
        _print(console, "Reconciling items", RECONCILING_HEADER, others)
        cells = [row for movement in report.movements for row in movement_cells(movement)]
        _print(console, customers_title(report), MOVEMENT_HEADER, cells)
    console.print(signature(report.sign_off), soft_wrap=True, markup=False)


def _totals(report: Report) -> PlainTable:
    """Narrow enough for eighty columns: what nothing stands in is left out."""
    table = PlainTable(title="Control totals", title_justify="left", box=box.SIMPLE_HEAD)
    totals = report.summary.totals
    beside = [
        name for name in ("reversed", "outside") if any(getattr(t, name).count for t in totals)
    ]
    for name in ("kind", "currency"):
        table.add_column(name)
    for name in ("number", "source", "target", *beside, "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for total in totals:
        difference = total.target.amount - total.source.amount
        table.add_row(
            total.kind.value,
            total.currency,
            _numbers(total.source.count, total.target.count),
            shown(total.source.amount, total.currency),
            shown(total.target.amount, total.currency),
            *(str(getattr(total, name).count or "") for name in beside),
            "ties" if total.ties else shown(difference, total.currency),
        )
    return table


def _numbers(source: int, target: int) -> str:
    return f"{source:,}" if source == target else f"{source:,} / {target:,}"


def _breaks(report: Report) -> Table:
    table = PlainTable(title="Breaks", title_justify="left")
    for name in ("state", "type", "document", "target", "source says", "target says"):
        table.add_column(name, overflow="fold")
    table.add_column("days", justify="right")
    table.add_column("cause and what to do", overflow="fold")
    for each in report.breaks:
        cause = cause_of(each.cause)
        advice = each.how or (each.suggestion and f"probably {each.suggestion}") or cause.advice
        table.add_row(
            each.state.value,
            each.type.value,
            f"{each.kind.value} {each.number}",
            each.target_number,
            each.source_value,
            each.target_value,
            str(age(each, report.made_at)),
            f"{cause.words} {advice}",
        )
    return table


def _print(
    console: Console, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    table = PlainTable(title=title, title_justify="left")
    for name in header:
        table.add_column(name, overflow="fold")
    rows = list(rows)
    place = list(header).index("currency") if "currency" in header else None
    for row in rows:
        currency = "" if place is None else str(row[place])
        table.add_row(*(_text(cell, currency) for cell in row))
    if rows:
        console.print(table)


def _text(cell: Cell, currency: str) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal):
        return shown(cell, currency) if currency else f"{cell:,f}"
    return "" if cell is None else str(cell)
