"""Exchange rates with their date and source, from a table or a daily feed file."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from documents.exchange import Rate
from mapping.errors import held
from mapping.rate_files import RatesUnreadable, read_rates
from mapping.source import Stamp, stamp

__all__ = ["Rate", "RateFile", "RateTable", "RatesUnreadable"]


class RateTable:
    """Rates of any pairs and days. A pair is found as it stands, turned round, or through a
    third currency with two rates of the same day."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._days: dict[date, dict[tuple[str, str], Rate]] = defaultdict(dict)
        for rate in rates:
            self._days[rate.date][rate.base, rate.quote] = rate
            self._days[rate.date].setdefault((rate.quote, rate.base), rate.inverse())
        self._dates = sorted(self._days)

    def find(self, base: str, quote: str, on: date, max_age_days: int) -> Rate:
        """The latest rate on or before a day. HoldRequired (rate-missing) if it is too old."""
        oldest = on - timedelta(days=max_age_days)
        for number in range(bisect_right(self._dates, on) - 1, -1, -1):
            if self._dates[number] < oldest:
                break
            found = self._on(self._dates[number], base, quote)
            if found:
                return found
        raise held(
            "rate-missing",
            f"no exchange rate from {base} to {quote} between {oldest} and {on}",
            "add the rate to the rate file, then retry",
        )

    def _on(self, day: date, base: str, quote: str) -> Rate | None:
        rates = self._days[day]
        if (base, quote) in rates:
            return rates[base, quote]
        for (first, middle), rate in sorted(rates.items()):
            if first == base and (middle, quote) in rates:
                return rate.via(rates[middle, quote])
        return None


class RateFile:
    """A rate file that is read again when it changes, as a daily feed does under a worker that
    runs for weeks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: Stamp = None
        self._table = RateTable(())

    def current(self) -> RateTable:
        """The rates of the file as it is now. Raises RatesUnreadable."""
        now = stamp(self._path)
        if now is None or now != self._seen:
            self._table = RateTable(read_rates(self._path))
            self._seen = now
        return self._table
