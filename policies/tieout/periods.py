"""Accounting periods: calendar months, written YYYY-MM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_TEXT = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """A month with its first and its last day (civil dates)."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """The month that a text names. ValueError for anything but YYYY-MM."""
        if not _TEXT.fullmatch(text) or text.startswith("0000"):
            raise ValueError(f"{text!r} is not a period: write it YYYY-MM, as in 2026-11")
        return cls.of(date.fromisoformat(f"{text}-01"))

    @classmethod
    def of(cls, day: date) -> Period:
        """The month of a day."""
        first = day.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return cls(first, following - timedelta(days=1))

    @property
    def before(self) -> Period:
        return Period.of(self.first - timedelta(days=1))

    def past(self, months: int) -> list[Period]:
        """So many months before this one, the oldest first."""
        found = [self]
        while len(found) <= months:
            found.append(found[-1].before)
        return found[:0:-1]

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    def is_over(self, today: date) -> bool:
        """Whether every day of it is past: before that a sign-off would be about a part."""
        return self.last < today
