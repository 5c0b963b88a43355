"""The rate that a document should have been booked at, by a file of the site's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.errors import Misconfigured
from documents.hold import HoldRequired
from mapping.rates import RateFile, RatesUnreadable


@dataclass(frozen=True)
class Rates:
    """Rates into the local currency of the target's books."""

    file: RateFile
    currency: str
    max_age_days: int

    def of(self, currency: str, on: date) -> Decimal | None:
        """What one of a currency is worth on a day; None for the local currency, and where the
        file has no rate that is young enough. Misconfigured when the file cannot be read."""
        if currency in ("", self.currency):
            return None
        try:
            table = self.file.current()
        except RatesUnreadable as error:
            raise Misconfigured("tieout", "read exchange rates", str(error)) from error
        try:
            return table.find(currency, self.currency, on, self.max_age_days).rate
        except HoldRequired:
            return None
