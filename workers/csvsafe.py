"""CSV that a spreadsheet shows as it stands, whatever a client typed into a document.

A cell that begins with one of a few characters is run as a formula by Excel, LibreOffice and
Google Sheets when the file is opened, and formulas fetch addresses and start programs. Such a cell
gets an apostrophe in front, which spreadsheets take as "this is text" (OWASP, CSV injection).
Numbers stay numbers.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TextIO

Cell = str | int | Decimal | date | datetime | bool | None

_FORMULA = ("=", "+", "-", "@")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def safe_cell(value: Cell) -> str:
    """The text of a cell: numbers and dates in their one spelling, text made harmless.

    Control characters become spaces. ValueError for a decimal that is no number.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else _text(value)


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A whole file: every cell quoted, lines ended by CR LF (RFC 4180). Rows are not kept."""
    write_rows(file, (header,))
    write_rows(file, rows)


def write_rows(file: TextIO, rows: Iterable[Sequence[Cell]]) -> None:
    """More rows of such a file."""
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])


def _text(text: str) -> str:
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    if _NUMBER.fullmatch(plain):
        return plain
    # Full-width forms of the characters begin a formula too; so do they behind what is not seen.
    seen = next((c for c in plain if not _is_unseen(c)), "")
    first = unicodedata.normalize("NFKC", seen)
    return f"'{plain}" if first.startswith(_FORMULA) else plain


def _is_unseen(character: str) -> bool:
    return character in "\"'" or unicodedata.category(character) in ("Zs", "Cf")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("an amount that is no number cannot be exported")
    return f"{value:f}"
