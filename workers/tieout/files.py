"""The report as files: CSV for any program, XLSX for a bookkeeper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # it has no hints

from workers.csvsafe import Cell, safe_cell, write_csv
from workers.tieout.report import (
    BREAK_HEADER,
    CHECK_HEADER,
    MOVEMENT_HEADER,
    TOTAL_HEADER,
    Report,
    break_cells,
    check_cells,
    movement_cells,
    signature,
    total_cells,
)

_WIDEST = 60


def write_breaks_csv(path: Path, report: Report) -> None:
    """The breaks, one row each: filtered, sorted and summed by whoever opens it."""
    rows = [break_cells(each, report.made_at) for each in (*report.breaks, *report.closed)]
    # The mark of the encoding: without it Excel reads UTF-8 as something else.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_csv(file, BREAK_HEADER, rows)


def write_xlsx(path: Path, report: Report) -> None:
    """A workbook: summary, control totals, checks, breaks, customers that differ."""
    summary = report.summary
    # Nothing that a client typed is taken for a formula or a link.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = _formats(book)
        facts: list[list[Cell]] = [
            ["connection", summary.connection],
            ["period", summary.period],
            ["result", report.verdict],
            ["run", str(summary.run)],
            ["read at the source", summary.source_read],
            ["read in the target", summary.target_read],
            ["sign-off", signature(report.sign_off)],
            ["note", summary.note],
        ]
        _sheet(book, formats, "Summary", ("what", "value"), facts)
        totals = [total_cells(total) for total in summary.totals]
        _sheet(book, formats, "Control totals", TOTAL_HEADER, totals)
        _sheet(book, formats, "Checks", CHECK_HEADER, check_cells(summary))
        breaks = [break_cells(b, report.made_at) for b in (*report.breaks, *report.closed)]
        _sheet(book, formats, "Breaks", BREAK_HEADER, breaks)
        movements = [row for movement in report.movements for row in movement_cells(movement)]
        _sheet(book, formats, "Customers", MOVEMENT_HEADER, movements)


def _formats(book: Any) -> dict[str, Any]:
    return {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "amount": book.add_format({"num_format": "#,##0.00##"}),
    }


def _sheet(
    book: Any,
    formats: dict[str, Any],
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, header, formats["head"])
    widths = [len(text) for text in header]
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            _write(sheet, number, column, cell, formats)
            widths[column] = max(widths[column], min(len(safe_cell(cell)), _WIDEST))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 2)
    sheet.freeze_panes(1, 0)


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    """Amounts are numbers of the sheet: they can be added up, and have no more than the fifteen
    digits that a spreadsheet keeps; larger ones stay text."""
    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= 15:
        sheet.write_number(row, column, float(cell), formats["amount"])
    elif isinstance(cell, int) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, safe_cell(cell))
