"""Days near a day, for sources in which people type any date that exists."""

from __future__ import annotations

from datetime import date, timedelta


def shifted(day: date, days: int) -> date:
    """A day some days later, or earlier; the first or last day there is beyond the calendar."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min
