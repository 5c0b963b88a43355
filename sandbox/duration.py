"""ISO 8601 durations, as the control interface takes them."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_PATTERN = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?"
    rf"(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)


def add_duration(moment: datetime, text: str) -> datetime:
    """The moment after `moment` by an ISO 8601 duration such as P1D, PT1H or P1M.

    Years and months are calendar ones; the day is cut to the length of the month. Raises ValueError
    for anything else, negative durations included.
    """
    match = _PATTERN.fullmatch(text)
    if match is None or text in ("P", "PT"):
        raise ValueError(f"{text!r} is not a positive ISO 8601 duration such as P1D, PT1H or P1M")
    years, months, *rest = match.groups()
    weeks, days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in rest)
    later = _add_months(moment, 12 * int(years or 0) + int(months or 0))
    return later + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _add_months(moment: datetime, months: int) -> datetime:
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
