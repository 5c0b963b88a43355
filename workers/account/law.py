"""The conservation law: received = posted + in flight + held + ignored, from our own rows."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date

from store.backing import Stray
from store.conservation import ConservationRow, Tally
from store.store import Store
from workers.refusal import Refusal

_PERIOD = re.compile(r"(\d{4})-(\d{2})")


def days_of(period: str | None) -> tuple[date, date] | None:
    """First and last day of a month written YYYY-MM. Refusal for anything else."""
    if period is None:
        return None
    match = _PERIOD.fullmatch(period)
    if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1:
        raise Refusal(f"--period {period!r} is not a month: write it as 2026-03")
    year, month = int(match[1]), int(match[2])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


async def law_findings(store: Store, connection: str) -> list[str]:
    """A sentence for each kind and currency of which something is not accounted for, and for each
    document that is not what its row says."""
    strays = await store.conservation.strays(connection)
    return [*broken(await store.conservation.totals(connection)), *map(said, strays)]


def said(stray: Stray) -> str:
    """What is wrong with one document."""
    amounts = f": {stray.posted}, the row says {stray.amount}" if stray.posted else ""
    return f"{stray.kind.value} {stray.source_id} {stray.what}{amounts}"


def broken(rows: Iterable[ConservationRow]) -> Iterator[str]:
    """A sentence for each row for which the law does not hold."""
    for row in rows:
        if row.law_holds:
            continue
        counted = row.posted + row.in_flight + row.held + row.ignored
        yield (
            f"{row.kind.value} in {row.currency or 'no currency'}: received "
            f"{_shown(row.received)}, accounted for {_shown(counted)}"
        )


def _shown(tally: Tally) -> str:
    return f"{tally.count} over {tally.amount:f}"
