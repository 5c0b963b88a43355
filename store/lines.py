"""The staged lines of a run: written page by page as they are read, read in the order of matches.

Staging makes a tie-out independent of how the systems list: pages may come out of order, repeat
rows or change meanwhile, the latest reading of a line counts. Statements go to the driver as they
are, because lines are counted in millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, exists, insert, literal, not_, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.ledger import BookKind, BookRow, Mark, Side
from documents.tieout import AccountTotal, ControlTotal
from store.control_totals import account_totals, control_totals
from store.engine import Database
from store.movement_sums import movement_sums
from store.tieout_tables import tieout_lines, tieout_movements

_c = tieout_lines.c
_NAMES = BookRow._fields
_KEY = ("run", "side", "match", "entry")
_ROW = [_c[name] for name in _NAMES]
_SIDES = {Side.SOURCE: "s", Side.TARGET: "t"}
_DELETE_AT_ONCE = 20_000
_OPENING = int(Mark.OPENING)

_EQUAL = ("kind", "currency", "amount", "day", "party", "applied")
_EQUAL_OR_UNKNOWN = ("tax", "rate", "open")


class Lines:
    """The lines of all runs. A run is named by its number in `tieout_runs`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = _upsert(database)

    async def put(self, run: int, side: Side, rows: Sequence[BookRow]) -> None:
        """Stage a page; a line that is staged already takes the new reading."""
        if not rows:
            return
        prefix = (run, _SIDES[side])
        values = [(*prefix, *row) for row in rows]

        async def work(connection: AsyncConnection) -> None:
            await connection.exec_driver_sql(self._put, values)

        await self._database.write(work)

    async def differing(
        self, run: int, side: Side, after: tuple[str, str], limit: int
    ) -> list[BookRow]:
        """The lines of the period behind a place (match, entry), in order, that have a match and
        no single partner that is equal in everything. The database leaves out those that agree,
        which are nearly all."""
        x = tieout_lines.alias("x")
        match, entry = after
        query = (
            select(*(x.c[name] for name in _NAMES))
            .where(
                x.c.run == run,
                x.c.side == _SIDES[side],
                x.c.match > "",
                x.c.match >= match,
                or_(x.c.match > match, x.c.entry > entry),
                x.c.marks.op("&")(_OPENING) == 0,
                not_(_agrees(x, side)),
            )
            .order_by(x.c.match, x.c.entry)
            .limit(limit)
        )
        return [BookRow._make(row) for row in await self._database.rows(query)]

    async def totals(self, run: int) -> tuple[ControlTotal, ...]:
        """What both sides have in the period, by kind and currency."""
        return await control_totals(self._database, run)

    async def accounts(self, run: int) -> tuple[AccountTotal, ...]:
        """The same by account: of a document of the source it is that of its posting."""
        return await account_totals(self._database, run)

    async def without_match(self, run: int, after: str, limit: int) -> list[BookRow]:
        """The target's lines that carry no key of ours and are in the period, by entry."""
        query = (
            select(*_ROW)
            .where(
                _c.run == run,
                _c.side == "t",
                _c.match == "",
                _c.entry > after,
                _c.marks.op("&")(_OPENING) == 0,
            )
            .order_by(_c.entry)
            .limit(limit)
        )
        return [BookRow._make(row) for row in await self._database.rows(query)]

    async def of_match(self, run: int, side: Side, matches: Sequence[str]) -> list[BookRow]:
        """The lines of some matches on one side."""
        query = select(*_ROW).where(
            _c.run == run, _c.side == _SIDES[side], _c.match.in_(list(matches))
        )
        return [BookRow._make(row) for row in await self._database.rows(query)]

    async def replace(self, run: int, side: Side, match: str, rows: Sequence[BookRow]) -> None:
        """Let a document be staged as it was read just now; what was adopted stays."""
        listed = and_(
            _c.run == run,
            _c.side == _SIDES[side],
            _c.match == match,
            _c.marks.op("&")(int(Mark.ADOPTED)) == 0,
        )
        prefix = (run, _SIDES[side])

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(tieout_lines).where(listed))
            if rows:
                await connection.exec_driver_sql(self._put, [(*prefix, *row) for row in rows])

        await self._database.write(work)

    async def carry_forward(self, run: int, before: int) -> None:
        """Let the closing balances of an earlier run be the opening balances of this one; what
        was carried forward before is replaced."""
        names = ("run", "side", *_NAMES)
        carried = and_(_c.run == run, _c.match == "", _c.entry.startswith("opening/"))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(tieout_lines).where(carried))
            for side in Side:
                await connection.execute(
                    insert(tieout_lines).from_select(names, _closings(run, before, side))
                )

        await self._database.write(work)

    async def moved(self, run: int, before: int, limit: int = 20) -> list[tuple[str, BookRow]]:
        """Lines of the period that are new, gone or other than in an earlier run, with the word
        for it."""
        found = []
        for word, one, other in (("is new", run, before), ("is gone", before, run)):
            rows = await self._database.rows(_unlike(one, other, word == "is new").limit(limit))
            for row in rows:
                told = word if row[-1] is None else "has changed"
                found.append((told, BookRow._make(row[:-1])))
        return found[:limit]

    async def roll(self, run: int) -> None:
        """Add up the movements of every customer and currency on both sides, in the database."""
        names = [column.name for column in tieout_movements.c if column.name not in _BESIDE]
        sums = movement_sums(run).subquery()
        differs = _closing(sums.c, "source") != _closing(sums.c, "target")
        figures = [sums.c[name] for name in names if name != "differs"]
        chosen = select(literal(run), *figures, differs)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(tieout_movements).where(tieout_movements.c.run == run))
            await connection.execute(insert(tieout_movements).from_select(["run", *names], chosen))

        await self._database.write(work)

    async def forget(self, runs: Sequence[int]) -> None:
        """Remove the staged lines of some runs, a part at a time so that nobody waits long."""
        for run in runs:
            for side in _SIDES.values():
                while await self._forget_part(run, side):
                    pass

    async def _forget_part(self, run: int, side: str) -> bool:
        where = and_(_c.run == run, _c.side == side)
        bound = select(_c.match).where(where).order_by(_c.match).offset(_DELETE_AT_ONCE).limit(1)
        rows = await self._database.rows(bound)
        clause = and_(where, _c.match < rows[0][0]) if rows else where
        removed = await self._database.change(delete(tieout_lines).where(clause))
        if rows and not removed:  # one match has more lines than fit at once
            await self._database.change(delete(tieout_lines).where(where))
            return False
        return bool(rows)


def _closing(columns: Any, side: str) -> Any:
    return sum((columns[f"{side}_{name}"] * sign for name, sign in _SIGNS.items()), 0)


def _closings(run: int, before: int, side: Side) -> Any:
    m = tieout_movements.c
    closing = _closing(m, side.value)
    entry = literal("opening/") + m.party + "/" + m.currency
    blank, none = literal(""), null()
    values = {
        "match": blank, "entry": entry, "kind": literal(BookKind.OTHER.value),
        "currency": m.currency, "amount": closing, "tax": none, "day": literal(1),
        "party": m.party, "applied": blank, "rate": none, "open": none, "posted": literal(1),
        "number": blank, "reference": blank, "base": none, "generation": literal(1),
        "marks": literal(_OPENING), "changed": literal(0), "account": blank,
    }  # fmt: skip
    columns = [literal(run), literal(_SIDES[side]), *(values[name] for name in _NAMES)]
    return select(*columns).where(m.run == before)


def _unlike(one: int, other: int, both: bool) -> Any:
    """Lines of one run that another has not, or (`both`) has with another amount."""
    left, right = tieout_lines.alias(), tieout_lines.alias()
    same = and_(
        right.c.run == other,
        right.c.side == left.c.side,
        right.c.match == left.c.match,
        right.c.entry == left.c.entry,
    )
    differs: Any = right.c.run.is_(None)
    if both:
        differs = differs | (right.c.amount != left.c.amount) | (right.c.marks != left.c.marks)
    where = and_(left.c.run == one, left.c.marks.op("&")(_OPENING) == 0, differs)
    columns = [left.c[name] for name in _NAMES]
    joined = left.outerjoin(right, same)
    order = (left.c.side, left.c.match, left.c.entry)
    return select(*columns, right.c.amount).select_from(joined).where(where).order_by(*order)


_BESIDE = ("run", "unexplained")
_SIGNS = {"opening": 1, "invoices": 1, "credits": -1, "receipts": -1, "adjustments": 1}


def _upsert(database: Database) -> str:
    columns = ("run", "side", *_NAMES)
    mark = "?" if database.is_sqlite else "%s"
    values = ", ".join([mark] * len(columns))
    names = ", ".join(f'"{name}"' for name in columns)
    changes = ", ".join(f'"{n}" = excluded."{n}"' for n in columns if n not in _KEY)
    return (
        f"INSERT INTO tieout_lines ({names}) VALUES ({values}) "  # noqa: S608  our own names only
        f'ON CONFLICT (run, side, "match", entry) DO UPDATE SET {changes}'
    )


def _agrees(x: Any, side: Side) -> Any:
    """Whether a line has one partner on the other side that is equal in everything."""
    other = tieout_lines.alias("y")
    third = tieout_lines.alias("z")
    target = other if side is Side.SOURCE else x
    alone = not_(
        exists()
        .where(
            third.c.run == x.c.run,
            third.c.side == _SIDES[Side.TARGET],
            third.c.match == x.c.match,
            third.c.entry != target.c.entry,
        )
        .correlate(x, other)
    )
    plain = int(Mark.REVERSED | Mark.REVERSAL | Mark.OPENING | Mark.UNPOSTED | Mark.BLOCKED)
    equal = and_(
        other.c.run == x.c.run,
        other.c.side == _SIDES[Side.TARGET if side is Side.SOURCE else Side.SOURCE],
        other.c.match == x.c.match,
        *(other.c[name] == x.c[name] for name in _EQUAL),
        *(other.c[name].is_not_distinct_from(x.c[name]) for name in _EQUAL_OR_UNKNOWN),
        target.c.marks.op("&")(plain) == 0,
        other.c.marks.op("&")(_OPENING) == 0,
    )
    return exists().where(equal, alone).correlate(x)
