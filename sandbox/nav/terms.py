"""Payment terms: NAV's date formulas, as far as due dates use them: `30D`, `2W`, `CM+10D`."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from sandbox.nav.company import Company
from sandbox.nav.errors import cannot_evaluate
from sandbox.nav.schema import BLANK_DATE

_TERM = re.compile(r"([+-]?)(CM|(\d+)([DWM]))")


def due_date(company: Company, terms: str, document_date: str) -> str:
    """The day (ISO) on which a document of that date is due; without terms the same day."""
    if not terms or document_date == BLANK_DATE:
        return document_date
    formula = company["Payment Terms"].require(terms)["Due_Date_Calculation"]
    return apply_formula(formula, date.fromisoformat(document_date)).isoformat()


def apply_formula(formula: str, start: date) -> date:
    """The day that a date formula leads to; raises NavError for a formula it cannot read."""
    parts = list(_TERM.finditer(formula))
    if "".join(part.group(0) for part in parts) != formula:
        raise cannot_evaluate(formula, "DateFormula")
    for part in parts:
        start = _moved(start, part)
    return start


def _moved(day: date, part: re.Match[str]) -> date:
    if part.group(2) == "CM":
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    count = int(part.group(3)) * (-1 if part.group(1) == "-" else 1)
    match part.group(4):
        case "D":
            return day + timedelta(days=count)
        case "W":
            return day + timedelta(weeks=count)
    return add_months(day, count)


def add_months(day: date, count: int) -> date:
    """The same day of a later month, or the last day of it where it is shorter."""
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
