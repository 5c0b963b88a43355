"""Control totals of what is staged, each side from its own lines, added up in the database."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import and_, case, func, select

from documents.ledger import BookKind, Mark, from_millionths
from documents.tieout import AccountTotal, ControlTotal, Tally
from store.engine import Database
from store.tieout_tables import tieout_lines

_OPENING = int(Mark.OPENING)
_UNPOSTED = int(Mark.UNPOSTED)
_GONE = int(Mark.REVERSED | Mark.REVERSAL)
_WRITTEN_OFF = int(Mark.WRITTEN_OFF)

_BOTH = ("source", "target")

Sums = dict[tuple[str, str, str], list[int]]
"""Kind, currency and column of the totals to a count and a sum in millionths."""


async def control_totals(database: Database, run: int) -> tuple[ControlTotal, ...]:
    """What both sides of a run have in the period, by kind and currency. A posting that was taken
    back counts as reversed with what takes it back, and so does all of its generation. What was
    written off of a document is in its amount, and is none by itself."""
    sums: Sums = defaultdict(lambda: [0, 0])
    for row in await database.rows(_staged(run)):
        _add(sums, row, 1)
    for row in await database.rows(_taken_back(run)):
        _add(sums, (*row[:2], "target", *row[2:]), -1)
        _add(sums, (*row[:2], "reversed", *row[2:]), 1)
    places = sorted({place[:2] for place in sums})
    return tuple(_line(sums, *place) for place in places)


async def account_totals(database: Database, run: int) -> tuple[AccountTotal, ...]:
    """The same by account, without what was taken back and what others posted."""
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for kind, currency, column, account, count, amount in await database.rows(
        _staged(run, _account())
    ):
        sums[kind, currency, account or "", column][0] += count
        sums[kind, currency, account or "", column][1] += int(amount)
    taken_back = await database.rows(_taken_back(run, tieout_lines.c.account))
    for kind, currency, account, count, amount in taken_back:
        sums[kind, currency, account, "target"][0] -= count
        sums[kind, currency, account, "target"][1] -= int(amount)
    shown = {place[:3] for place, (count, _) in sums.items() if count and place[3] in _BOTH}
    return tuple(
        AccountTotal(
            kind=BookKind(place[0]),
            currency=place[1],
            account=place[2],
            **{side: _tally(sums[(*place, side)]) for side in _BOTH},
        )
        for place in sorted(shown)
    )


def _tally(sums: list[int]) -> Tally:
    return Tally(count=sums[0], amount=from_millionths(sums[1]))


def _account() -> Any:
    """Of a document of the source the account of what stands for it."""
    c, y = tieout_lines.c, tieout_lines.alias("y")
    posting = (
        select(y.c.account)
        .where(y.c.run == c.run, y.c.side == "t", y.c.match == c.match)
        .where(y.c.marks.op("&")(_GONE | _UNPOSTED | _WRITTEN_OFF) == 0)
        .order_by(y.c.generation.desc(), y.c.entry)
        .limit(1)
    )
    own = case((c.side == "t", c.account), else_=posting.correlate(tieout_lines).scalar_subquery())
    return own.label("account")


def _add(sums: Sums, row: Any, sign: int) -> None:
    kind, currency, column, count, amount = row
    sums[kind, currency, column][0] += sign * count
    sums[kind, currency, column][1] += sign * int(amount)


def _line(sums: Sums, kind: str, currency: str) -> ControlTotal:
    def tally(column: str) -> Tally:
        count, amount = sums[kind, currency, column]
        return Tally(count=count, amount=from_millionths(amount))

    return ControlTotal(
        kind=BookKind(kind),
        currency=currency,
        source=tally("source"),
        target=tally("target"),
        reversed=tally("reversed"),
        outside=tally("outside"),
    )


def _staged(run: int, *more: Any) -> Any:
    c = tieout_lines.c
    column = case(
        (c.side == "s", "source"),
        (c.match == "", "outside"),
        (c.marks.op("&")(_GONE) != 0, "reversed"),
        else_="target",
    ).label("total")
    within = and_(c.run == run, c.marks.op("&")(_OPENING | _UNPOSTED) == 0)
    ours = (c.side == "t") | (c.match != "")
    columns = (c.kind, c.currency, column, *more)
    query = select(*columns, _documents(), func.sum(c.amount)).where(within, ours)
    return query.group_by(*columns)


def _documents() -> Any:
    """What stands beside an invoice (a late fee, a write-off) is no document by itself."""
    return func.sum(case((tieout_lines.c.generation < 0, 0), else_=1))


def _taken_back(run: int, *more: Any) -> Any:
    """Entries that bear no mark themselves, and of whose generation there is a reversal."""
    y = tieout_lines.alias("y")
    reversals = (
        select(y.c.match, y.c.generation)
        .where(
            y.c.run == run,
            y.c.side == "t",
            y.c.match != "",
            y.c.marks.op("&")(int(Mark.REVERSAL)) != 0,
        )
        .distinct()
        .subquery()
    )
    c = tieout_lines.c
    same = and_(c.match == reversals.c.match, c.generation == reversals.c.generation)
    within = c.marks.op("&")(_OPENING | _UNPOSTED | _GONE) == 0
    columns = (c.kind, c.currency, *more)
    query = select(*columns, _documents(), func.sum(c.amount)).select_from(
        tieout_lines.join(reversals, same)
    )
    return query.where(c.run == run, c.side == "t", within).group_by(*columns)
