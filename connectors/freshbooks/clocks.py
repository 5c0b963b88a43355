"""The clocks of FreshBooks, and how a moment becomes a filter.

Accounting objects stamp `updated` and `created_at` as zone-less US/Eastern text, the sign-up
date of a client as UTC text (public SDKs of FreshBooks: Python models.py, Node Date.ts). One
live report calls the first clock account-local instead, so the zone is a setting. The text of
the repeated hour in November is ambiguous: such stamps are shown, never used to order events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Clock:
    """The zone in which one account's accounting objects are stamped."""

    zone: ZoneInfo = EASTERN

    def to_utc(self, text: str) -> datetime:
        """Aware UTC of `YYYY-MM-DD HH:MM:SS[.ffffff]`; ValueError for anything else.

        A text of the repeated hour is taken as its first pass (daylight time), one of the
        missing hour as if the clocks had not moved yet, both as the official SDK does.
        """
        return _naive(text).replace(tzinfo=self.zone).astimezone(UTC)

    def from_utc(self, moment: datetime) -> str:
        """The text FreshBooks writes for an aware moment; ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone cannot be told in another zone")
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        return local.isoformat(sep=" ", timespec="microseconds" if local.microsecond else "seconds")

    def changed_since(self, since: datetime, overlap_days: int = 1) -> date:
        """The civil day for `updated_min`, which counts whole days.

        One day earlier than the day of `since`, because the zone of the day boundary is
        unverified and a stamp in a repeated hour may be read one hour early.
        """
        return since.astimezone(self.zone).date() - timedelta(days=overlap_days)

    def start_of(self, day: date) -> datetime:
        """The UTC moment at which a civil day begins on this clock."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


def signup_to_utc(text: str) -> datetime:
    """Aware UTC of a client's `signup_date`, which is UTC text; ValueError for anything else."""
    return utc_of(text)


def utc_of(text: str) -> datetime:
    """Aware UTC of what FreshBooks writes as UTC text: the stamps of bills and their vendors
    too; ValueError for anything else."""
    return _naive(text).replace(tzinfo=UTC)


def _naive(text: str) -> datetime:
    form = "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S"
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
