"""Into which days NAV lets anybody post."""

from __future__ import annotations

from datetime import date

from connectors.nav.company import Company
from connectors.nav.odata import Entity
from connectors.spans import shifted

_WINDOW = 400
"""Periods are months, or longer: one before and several after a day lie within it."""


class Periods:
    """The allowed posting dates and accounting periods of one company, read at each question.

    General Ledger Setup limits everybody; User Setup may limit one user further and is not
    read. A period is a row with its first day and lasts until the next one begins. Where the
    periods are not published, only General Ledger Setup counts.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._names = company.settings.services

    async def open_day(self, on: date) -> date | None:
        """The first day on or after `on` into which may be posted; None when there is none."""
        first, last = await self._allowed()
        day = max(on, first) if first else on
        while last is None or day <= last:
            periods = await self._around(day)
            if _is_open(periods, day):
                return day
            following = [start for start, _ in periods if start > day]
            if not following:
                return None
            day = following[0]
        return None

    async def _allowed(self) -> tuple[date | None, date | None]:
        service = self._names.general_ledger_setup
        model = await self._company.model()
        model.require(service, "Allow_Posting_From", "Allow_Posting_To")
        found = await self._company.odata.find(service, operation="read posting dates")
        if not found:
            return None, None
        return found[0].day("Allow_Posting_From"), found[0].day("Allow_Posting_To")

    async def _around(self, day: date) -> list[tuple[date, bool]]:
        """First day and openness of the periods near a day; all time is one if there are none."""
        service = self._names.accounting_periods
        if not (await self._company.model()).publishes(service):
            return [(date.min, True)]
        (await self._company.model()).require(service, "Starting_Date", "Closed")
        first, last = shifted(day, -_WINDOW), shifted(day, _WINDOW)
        filters = [f"Starting_Date ge {first}", f"Starting_Date le {last}"]
        found = await self._company.odata.find(
            service, operation="read accounting periods", filters=filters, orderby="Starting_Date"
        )
        return sorted(_period(entity) for entity in found)


def _period(entity: Entity) -> tuple[date, bool]:
    return entity.day("Starting_Date") or date.min, entity["Closed"] is not True


def _is_open(periods: list[tuple[date, bool]], day: date) -> bool:
    begun = [is_open for start, is_open in periods if start <= day]
    return bool(begun) and begun[-1]
