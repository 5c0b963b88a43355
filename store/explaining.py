"""What of a customer's difference the listed breaks explain, to the cent.

What the lines of documents with a break add up to is explained by those breaks; all other
documents agree, so that whatever a customer differs by beyond that is in no break.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.ledger import BookKind, Mark, in_millionths
from documents.tieout import BreakState, Movement
from store.engine import Database
from store.movement_sums import NO_MOVEMENTS
from store.runs import Runs
from store.tieout_tables import tieout_breaks, tieout_lines, tieout_movements

_c, _b, _m = tieout_lines.c, tieout_breaks.c, tieout_movements.c
_OPENING = int(Mark.OPENING)
_LEFT_OUT = int(Mark.UNPOSTED | Mark.OUTSIDE)
_DEBITS = (BookKind.INVOICE.value, BookKind.OTHER.value)
_SIDES = {"s": -1, "t": 1}
_BY_HAND = "posted-by-hand-too"

Sums = dict[tuple[str, str], int]
"""Customer and currency to target less source, in millionths."""


class Explanations:
    """Writes down what of each customer's difference is explained by nothing."""

    def __init__(self, database: Database, runs: Runs) -> None:
        self._database = database
        self._runs = runs

    async def explain(self, run: int, connection: str, period: str) -> int:
        """Compare the movements of a run that differ with the breaks of its period and of those
        before; returns how many customers differ by more than is listed."""
        _, differing = await self._runs.count_movements(run)
        if not differing:
            return 0
        listed, openings = await self._sums(run, connection, period)
        after, found = ("", ""), 0
        while page := await self._runs.movements(run, differing=True, after=after):
            after = (page[-1].party, page[-1].currency)
            left = [_left(each, listed, openings) for each in page]
            await self._keep(run, page, left)
            found += sum(bool(each) for each in left)
        return found

    async def _sums(self, run: int, connection: str, period: str) -> tuple[Sums, Sums]:
        """What is listed, and what others posted before the period beside documents."""
        still = and_(
            _b.connection == connection,
            _b.period <= period,
            _b.state != BreakState.CLOSED.value,
        )
        matches = select(_b.match).where(still, _b.match != "").distinct()
        listed: Sums = defaultdict(int)
        openings: Sums = defaultdict(int)
        for side, sign in _SIDES.items():
            await self._add(listed, sign, _lines(run, side, _c.match.in_(matches)))
            by_hand = _lines(run, side, await self._by_hand(still))
            await self._add(listed, sign, by_hand)
            beside = and_(_c.match == "", _is_opening(), _c.kind == BookKind.OTHER.value)
            await self._add(openings, sign, _lines(run, side, and_(beside, ~_is_carried())))
        return listed, openings

    async def _by_hand(self, still: Any) -> Any:
        """Lines without a document that are listed: those of the period, which all are, older
        ones with a break of their own, and the balances that were carried forward."""
        ids = select(_b.break_id).where(still, _b.match == "")
        twice = select(_b.break_id).where(still, _b.cause == _BY_HAND)
        entries = [row[0].rpartition(":")[2] for row in await self._database.rows(twice)]
        own = or_(("missing-in-source:" + _c.entry).in_(ids), _c.entry.in_(entries))
        return and_(_c.match == "", or_(~_is_opening(), _is_carried(), own))

    async def _add(self, sums: Sums, sign: int, query: Any) -> None:
        for party, currency, amount in await self._database.rows(query):
            sums[party, currency] += sign * int(amount)

    async def _keep(self, run: int, page: Sequence[Movement], left: Sequence[int]) -> None:
        statement = (
            update(tieout_movements)
            .where(_m.run == run, _m.party == bindparam("p"), _m.currency == bindparam("c"))
            .values(unexplained=bindparam("u"))
        )
        values = [
            {"p": each.party, "c": each.currency, "u": units}
            for each, units in zip(page, left, strict=True)
        ]

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement, values)

        await self._database.write(work)


def _left(movement: Movement, listed: Sums, openings: Sums) -> int:
    """What nothing explains. What others posted beside documents before the period may stand for
    documents of the source, as an opening balance does, or for nothing there."""
    place = (movement.party, movement.currency)
    gap: Decimal = movement.target_closing - movement.source_closing
    left = in_millionths(gap) - listed.get(place, 0)
    return 0 if left == openings.get(place, 0) else left


def _lines(run: int, side: str, which: Any) -> Any:
    signed = case((_c.kind.in_(_DEBITS), _c.amount), else_=-_c.amount)
    return (
        select(_c.party, _c.currency, func.sum(signed))
        .where(_c.run == run, _c.side == side, which)
        .where(_c.kind.not_in(NO_MOVEMENTS), _c.marks.op("&")(_LEFT_OUT) == 0)
        .group_by(_c.party, _c.currency)
    )


def _is_opening() -> Any:
    return _c.marks.op("&")(_OPENING) != 0


def _is_carried() -> Any:
    return _c.entry.startswith("opening/")
