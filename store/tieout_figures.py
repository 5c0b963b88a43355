"""What a report of a tie-out adds up over all breaks and lines of a period, in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, or_, select

from documents.ledger import BookKind, BookRow, Mark, from_millionths
from documents.tieout import BreakState, BreakType
from store.engine import Database
from store.tieout_tables import tieout_breaks, tieout_lines

_b, _l = tieout_breaks.c, tieout_lines.c
_BY_RULE = ("within-tolerance", "paired-by-rule", "ignored")
"""Causes of differences that are accepted without two people."""

AGES = ("today", "1 to 7 days", "8 to 30 days", "more than 30 days")
_FROM_DAYS = (0, 1, 8, 31)


@dataclass(frozen=True)
class Aged:
    """How many breaks of a type that are not closed are of each of AGES."""

    type: BreakType
    counts: tuple[int, ...]


@dataclass(frozen=True)
class WrittenOff:
    """What two people let stand in one currency, or had booked: how many differences, and their
    sum, target less source."""

    currency: str
    count: int
    amount: Decimal
    is_booked: bool = False


class TieOutFigures:
    """Figures of the periods of all connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ages(self, connection: str, period: str, now: datetime) -> list[Aged]:
        """Breaks that are neither closed nor accepted, by type and age."""
        age = case(
            *(
                (_b.first_seen <= now - timedelta(days=_FROM_DAYS[n]), n)
                for n in range(len(AGES) - 1, 0, -1)
            ),
            else_=0,
        ).label("age")
        settled = [BreakState.CLOSED.value, BreakState.ACCEPTED.value]
        query = select(_b.type, age, func.count()).where(
            _b.connection == connection, _b.period == period, _b.state.not_in(settled)
        )
        found: dict[str, list[int]] = {}
        for row in await self._database.rows(query.group_by(_b.type, age)):
            found.setdefault(row[0], [0] * len(AGES))[row[1]] += row[2]
        return [Aged(BreakType(name), tuple(found[name])) for name in sorted(found)]

    async def written_off(self, connection: str, period: str) -> list[WrittenOff]:
        """Differences that two people accepted, by currency."""
        query = select(_b.currency, func.count(), func.sum(_b.difference)).where(
            _b.connection == connection,
            _b.period == period,
            _b.state == BreakState.ACCEPTED.value,
            _b.cause.not_in(_BY_RULE),
        )
        rows = await self._database.rows(query.group_by(_b.currency).order_by(_b.currency))
        return [WrittenOff(r[0], r[1], from_millionths(int(r[2]))) for r in rows]

    async def reconciling(self, run: int, limit: int | None = None) -> AsyncIterator[BookRow]:
        """What others posted that is no break: of customers out of scope, and entries that are no
        document (finance charges, exchange differences); a page in memory at a time."""
        after, left = "", limit
        while left is None or left > 0:
            size = 500 if left is None else min(500, left)
            rows = await self._database.rows(_others(run, after).limit(size))
            for row in rows:
                yield BookRow._make(row)
            if len(rows) < size:
                return
            after, left = rows[-1].entry, None if left is None else left - len(rows)


def _others(run: int, after: str) -> Any:
    outside = _l.marks.op("&")(int(Mark.OUTSIDE)) != 0
    return (
        select(*(_l[name] for name in BookRow._fields))
        .where(
            _l.run == run,
            _l.side == "t",
            _l.match == "",
            _l.entry > after,
            _l.marks.op("&")(int(Mark.OPENING)) == 0,
            or_(outside, _l.kind == BookKind.OTHER.value),
        )
        .order_by(_l.entry)
    )
