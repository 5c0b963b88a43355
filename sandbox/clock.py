"""The sandbox's clock: real time plus an offset that a test may move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Time as the stand-ins see it, in UTC.

    It runs at the speed of real time; only its offset can be changed. Background delays (retries,
    clerks) are real seconds and do not follow the offset.
    """

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`."""
        self.offset += by

    def set(self, moment: datetime) -> None:
        """Make it `moment` now, which must be aware; raises ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone")
        self.offset = moment - datetime.now(UTC)

    def reset(self) -> None:
        """Go back to real time."""
        self.offset = timedelta(0)
