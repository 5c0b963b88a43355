"""The report as files: CSV for any program, XLSX for a bookkeeper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # it has no hints

from workers.csvsafe import Cell, safe_cell, write_csv, write_rows
from workers.tieout.report import (
    ACCOUNT_HEADER,
    AGES_HEADER,
    BREAK_HEADER,
    CHECK_HEADER,
    MOVEMENT_HEADER,
    RECONCILING_HEADER,
    TOTAL_HEADER,
    WRITTEN_OFF_HEADER,
    Report,
    account_cells,
    age_cells,
    break_cells,
    check_cells,
    movement_cells,
    reconciling_cells,
    signature,
    total_cells,
    written_off_cells,
)
from workers.tieout.streams import Streams

_WIDEST = 60


_MOST_ROWS = 1_048_000
"""What a sheet of Excel holds, less some."""


async def write_breaks_csv(path: Path, report: Report, streams: Streams) -> None:
    """Every break, one row each: filtered, sorted and summed by whoever opens it."""
    # The mark of the encoding: without it Excel reads UTF-8 as something else.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_csv(file, BREAK_HEADER, ())
        async for each in streams.breaks:
            write_rows(file, (break_cells(each, report.made_at),))


async def write_xlsx(path: Path, report: Report, streams: Streams) -> None:
    """A workbook: summary, control totals, checks, all breaks and what they come to, all that
    others posted, all customers that differ. A row is on the disk before the next is asked for."""
    summary = report.summary
    # Nothing that a client typed is taken for a formula or a link.
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
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
        _sheet(book, formats, "Accounts", ACCOUNT_HEADER, account_cells(summary))
        _sheet(book, formats, "Checks", CHECK_HEADER, check_cells(summary))
        sheet = _Sheet(book, formats, "Breaks", BREAK_HEADER)
        async for found in streams.breaks:
            sheet.add(break_cells(found, report.made_at))
        sheet.end()
        _sheet(book, formats, "Breaks by age", AGES_HEADER, age_cells(report))
        _sheet(book, formats, "Written off", WRITTEN_OFF_HEADER, written_off_cells(report))
        sheet = _Sheet(book, formats, "Reconciling items", RECONCILING_HEADER)
        async for row in streams.others:
            sheet.add(reconciling_cells(row))
        sheet.end()
        sheet = _Sheet(book, formats, "Customers", MOVEMENT_HEADER)
        async for customer in streams.customers:
            for cells in movement_cells(customer):
                sheet.add(cells)
        sheet.end()


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
    sheet = _Sheet(book, formats, name, header)
    for row in rows:
        sheet.add(row)
    sheet.end()


class _Sheet:
    """A sheet that grows row by row, and goes on in another one when it is full."""

    def __init__(
        self, book: Any, formats: dict[str, Any], name: str, header: Sequence[str]
    ) -> None:
        self._book, self._formats, self._name, self._header = book, formats, name, header
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.write_row(0, 0, self._header, self._formats["head"])
        self._widths = [len(text) for text in self._header]
        self._row = 0

    def add(self, row: Sequence[Cell]) -> None:
        if self._row == _MOST_ROWS:
            self.end()
            self._begin()
        self._row += 1
        for column, cell in enumerate(row):
            _write(self._sheet, self._row, column, cell, self._formats)
            wanted = min(len(safe_cell(cell)), _WIDEST)
            self._widths[column] = max(self._widths[column], wanted)

    def end(self) -> None:
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, width + 2)
        self._sheet.freeze_panes(1, 0)


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    """Amounts are numbers of the sheet: they can be added up, and have no more than the fifteen
    digits that a spreadsheet keeps; larger ones stay text."""
    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= 15:
        sheet.write_number(row, column, float(cell), formats["amount"])
    elif isinstance(cell, int) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, safe_cell(cell))
