"""The breaks of every period: found, looked at again, proposed about, closed.

The figures stand in clear; what is said about a break names people, so it is encrypted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.ledger import BookKind, from_millionths, in_millionths
from documents.tieout import (
    Break,
    BreakCount,
    BreakState,
    BreakType,
    Listed,
    TieOutSummary,
)
from store.audit import Audit
from store.cipher import Cipher
from store.engine import Database
from store.entries import Fact
from store.tieout_tables import BREAK_WORDS, tieout_breaks
from store.upsert import upsert

_c = tieout_breaks.c
_KEY = ("connection", "period", "break_id")
_KEPT_BY_PEOPLE = (
    BreakState.PROPOSED.value,
    BreakState.APPROVED.value,
    BreakState.ACCEPTED.value,
)
LIVE = (BreakState.OPEN, BreakState.TIMING, BreakState.PROPOSED, BreakState.APPROVED)
"""States that the next run may end."""


class Breaks:
    """The breaks of all connections. What people decided about one outlives the next run, as long
    as the difference is the same."""

    def __init__(
        self, database: Database, cipher: Cipher, now: Callable[[], datetime], audit: Audit
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now
        self._audit = audit

    async def found(self, run: int, breaks: Iterable[Break]) -> None:
        """Write down what a run found. A break that is known keeps since when it is, and what
        people decided about it while the difference stays; one that was closed opens again."""
        now = self._now()
        values = [self._columns(each, run, now) for each in breaks]
        statement = upsert(self._database, tieout_breaks)
        new = statement.excluded
        decided = or_(*(_c.state == state for state in _KEPT_BY_PEOPLE))
        same = and_(_c.difference == new.difference, _c.cause == new.cause, decided)
        kept = {n: _if(same, _c[n], new[n]) for n in ("state", "content", "words")}
        changes = {n: new[n] for n in _CHANGING}
        # An attempt that comes late must not hand a break back to an older run, which is over.
        changes["run"] = _if(new.run > _c.run, new.run, _c.run)
        is_over = _c.state == BreakState.CLOSED.value
        changes["first_seen"] = _if(is_over, new.first_seen, _c.first_seen)
        statement = statement.on_conflict_do_update(
            index_elements=[_c[name] for name in _KEY], set_={**changes, **kept, "closed_at": None}
        )

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement, values)

        if values:
            await self._database.write(work)

    async def save(self, changed: Break, *, was: Break, fact: Fact | None = None) -> bool:
        """Keep a break as it is now: looked at again, decided about, closed, and journal `fact`
        with it. `was` is how it was read; False, and nothing is kept, when somebody else changed
        it since."""
        values = self._columns(changed, 0, self._now())
        kept = ("run", "first_seen", *_KEY)
        statement = (
            update(tieout_breaks)
            .where(
                *_is(changed.connection, changed.period, changed.break_id),
                _c.state == was.state.value,
                _c.last_seen == was.last_seen,
            )
            .values({n: v for n, v in values.items() if n not in kept})
        )

        async def work(transaction: AsyncConnection) -> bool:
            is_kept = (await transaction.execute(statement)).rowcount > 0
            if is_kept and fact is not None:
                await self._audit.append_in(transaction, fact)
            return is_kept

        return await self._database.write(work)

    async def get(self, connection: str, period: str, break_id: str) -> Break | None:
        """One break, or None."""
        query = select(tieout_breaks).where(*_is(connection, period, break_id))
        row = await self._database.row(query)
        return self._break(row) if row else None

    async def page(
        self,
        connection: str,
        period: str,
        *,
        states: Sequence[BreakState] = (),
        types: Sequence[BreakType] = (),
        run: int | None = None,
        before: int | None = None,
        match: str = "",
        after: str = "",
        limit: int = 500,
    ) -> list[Break]:
        """A page of breaks by their ids, behind the one whose id is given: of those that this run
        found last, or a run before that one; `match` limits them to one document."""
        query = _in(connection, period).where(_c.break_id > after)
        if states:
            query = query.where(_c.state.in_([state.value for state in states]))
        if types:
            query = query.where(_c.type.in_([kind.value for kind in types]))
        if match:
            query = query.where(_c.match == match)
        if run is not None:
            query = query.where(_c.run == run)
        if before is not None:
            query = query.where(_c.run < before)
        rows = await self._database.rows(query.order_by(_c.break_id).limit(limit))
        return [self._break(row) for row in rows]

    async def by_place(
        self, connection: str, period: str, run: int, kind: BreakType, after: tuple[str, str]
    ) -> list[Break]:
        """A page of what is missing on one side, in the order of `place`: breaks that may be two
        sides of one document."""
        query = _in(connection, period).where(
            _c.run == run,
            _c.type == kind.value,
            _c.place != "",
            (_c.place > after[0]) | ((_c.place == after[0]) & (_c.break_id > after[1])),
        )
        rows = await self._database.rows(query.order_by(_c.place, _c.break_id).limit(500))
        return [self._break(row) for row in rows]

    async def parents_with_breaks(
        self, connection: str, period: str, parents: Sequence[str]
    ) -> set[str]:
        """Of these matches, those of which a payment or credit has a break that is open."""
        states = [state.value for state in LIVE]
        query = select(_c.parent).where(
            _c.connection == connection,
            _c.period == period,
            _c.parent.in_(list(parents)),
            _c.state.in_(states),
        )
        return {row[0] for row in await self._database.rows(query.distinct())}

    async def counts(
        self, connection: str, period: str, run: int | None = None
    ) -> list[BreakCount]:
        """How many there are of each type and state, and since when the oldest is known: of the
        period, or of those that this run found."""
        oldest = func.min(_c.first_seen, type_=_c.first_seen.type)
        query = (
            select(_c.type, _c.state, func.count(), oldest)
            .where(_c.connection == connection, _c.period == period)
            .where(_c.run == run if run is not None else true())
            .group_by(_c.type, _c.state)
            .order_by(_c.type, _c.state)
        )
        return [
            BreakCount(type=BreakType(r[0]), state=BreakState(r[1]), count=r[2], oldest=r[3])
            for r in await self._database.rows(query)
        ]

    async def counted(self, summary: TieOutSummary) -> TieOutSummary:
        """The summary with the breaks of its period as they stand now."""
        place = (summary.connection, summary.period)
        counts, listed = await self.counts(*place), await self._listed(*place)
        return summary.model_copy(update={"breaks": tuple(counts), "listed": tuple(listed)})

    async def _listed(self, connection: str, period: str) -> list[Listed]:
        total = func.sum(_c.difference)
        query = (
            select(_c.kind, _c.currency, total)
            .where(
                _c.connection == connection,
                _c.period == period,
                _c.state != BreakState.CLOSED.value,
                _IN_TOTALS,
            )
            .group_by(_c.kind, _c.currency)
            .order_by(_c.kind, _c.currency)
        )
        return [
            Listed(kind=BookKind(r[0]), currency=r[1], amount=from_millionths(int(r[2])))
            for r in await self._database.rows(query)
        ]

    def _columns(self, found: Break, run: int, now: datetime) -> dict[str, Any]:
        words = {name: text for name in _WORDS if (text := getattr(found, name))}
        context = BREAK_WORDS.context((found.connection, found.period, found.break_id))
        content = self._cipher.encrypt(json.dumps(words).encode(), context) if words else None
        return {**_figures(found, run, now), "words": content}

    def _break(self, row: Any) -> Break:
        words = {}
        if row.words is not None:
            context = BREAK_WORDS.context((row.connection, row.period, row.break_id))
            words = json.loads(self._cipher.decrypt(row.words, context))
        beside = {name: getattr(row, name) for name in _MOMENTS}
        state = {"state": BreakState(row.state)}
        found = Break.model_validate_json(row.content)
        return found.model_copy(update={**beside, **state, **words})


_WORDS = ("how", "proposer", "proof", "approver", "approval")
_MOMENTS = ("first_seen", "last_seen", "closed_at")
_BESIDE = {*_WORDS, *_MOMENTS}
"""What has a column of its own, and is no part of the content."""

_CHANGING = (
    "run", "type", "kind", "match", "parent", "place", "cause", "currency", "amount",
    "difference", "last_seen",
)  # fmt: skip


_IN_TOTALS = or_(
    _c.type.in_(
        [
            BreakType.MISSING_IN_TARGET.value,
            BreakType.ORPHAN.value,
            BreakType.AMOUNT.value,
        ]
    ),
    _c.cause.in_(
        [
            "altered-amount",
            "posted-twice",
            "not-posted-yet",
            "reversed-in-target",
            "other-period",
        ]
    ),
)
"""Breaks whose difference is one of the control totals; what others posted is outside of them."""


def _if(clause: Any, yes: Any, no: Any) -> Any:
    return case((clause, yes), else_=no)


def _in(connection: str, period: str) -> Any:
    return select(tieout_breaks).where(_c.connection == connection, _c.period == period)


def _is(connection: str, period: str, break_id: str) -> tuple[Any, ...]:
    return _c.connection == connection, _c.period == period, _c.break_id == break_id


def _figures(found: Break, run: int, now: datetime) -> dict[str, Any]:
    amount = in_millionths(found.amount)
    missing = found.type in (BreakType.MISSING_IN_TARGET, BreakType.MISSING_IN_SOURCE)
    return {
        "connection": found.connection,
        "period": found.period,
        "break_id": found.break_id,
        "run": run,
        "type": found.type.value,
        "kind": found.kind.value,
        "state": found.state.value,
        "match": found.match,
        "parent": found.parent,
        "place": found.place if missing else "",
        "cause": found.cause,
        "currency": found.currency,
        "amount": amount,
        "difference": in_millionths(found.difference),
        "first_seen": found.first_seen or now,
        "last_seen": now,
        "closed_at": found.closed_at,
        "content": found.model_dump_json(exclude=_BESIDE),
    }
