"""The clocks of the API (freshbooks.md, section 4): the same moment is written in five ways."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")


def eastern(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` in US/Eastern: the clock of most accounting objects."""
    return moment.astimezone(EASTERN).strftime("%Y-%m-%d %H:%M:%S")


def version(moment: datetime) -> str:
    """As `eastern`, with microseconds: the `version` of invoices and expenses."""
    return moment.astimezone(EASTERN).strftime("%Y-%m-%d %H:%M:%S.%f")


def utc(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` in UTC: a client's `signup_date`, bills and bill vendors."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def bare(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS` in UTC without a zone: projects."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def zulu(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`: time entries, callbacks, identities."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(moment: datetime) -> date:
    """The civil date in US/Eastern, by which an invoice becomes overdue."""
    return moment.astimezone(EASTERN).date()
