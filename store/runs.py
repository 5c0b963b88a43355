"""The runs of the tie-out and what each came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, tuple_, update

from documents.ledger import from_millionths
from documents.tieout import Movement, TieOutSummary
from store.engine import Database
from store.tieout_tables import tieout_movements, tieout_runs

_c = tieout_runs.c
_m = tieout_movements.c


@dataclass(frozen=True)
class Run:
    """One run; `workflow_run` is the first run id of the workflow that made it, so that an
    attempt that comes again finds its own."""

    run: int
    connection: str
    period: str
    started_at: datetime
    finished_at: datetime | None
    summary: TieOutSummary | None


class Runs:
    """Runs are numbered in one row over all connections; their summaries stay for good."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def begin(self, connection: str, period: str, workflow_run: str) -> Run:
        """A new run, or the one that this workflow run began already."""
        query = select(tieout_runs).where(
            _c.connection == connection, _c.period == period, _c.workflow_run == workflow_run
        )
        row = await self._database.row(query)
        if row is None:
            values = {"connection": connection, "period": period, "workflow_run": workflow_run}
            statement = insert(tieout_runs).values(**values, started_at=self._now(), summary="")
            row = await self._database.changed(statement.returning(*_c))
        return _run(row)

    async def finish(self, summary: TieOutSummary) -> None:
        """Keep what a run came to."""
        await self._database.change(
            update(tieout_runs)
            .where(_c.run == summary.run)
            .values(finished_at=summary.finished_at, summary=summary.model_dump_json())
        )

    async def latest(self, connection: str, period: str) -> TieOutSummary | None:
        """What the last finished run of a period came to."""
        query = (
            select(tieout_runs)
            .where(_c.connection == connection, _c.period == period, _c.finished_at.is_not(None))
            .order_by(_c.run.desc())
            .limit(1)
        )
        row = await self._database.row(query)
        return _run(row).summary if row else None

    async def periods(self, connection: str) -> list[str]:
        """The periods of which there is a finished run, in order."""
        query = select(_c.period).where(_c.connection == connection, _c.finished_at.is_not(None))
        rows = await self._database.rows(query.distinct().order_by(_c.period))
        return [row[0] for row in rows]

    async def older(self, connection: str, period: str, run: int) -> list[int]:
        """The runs of a period before this one: their staged lines are not needed any more."""
        query = select(_c.run).where(_c.connection == connection, _c.period == period, _c.run < run)
        return [row[0] for row in await self._database.rows(query.order_by(_c.run))]

    async def movements(
        self,
        run: int,
        *,
        differing: bool = False,
        after: tuple[str, str] = ("", ""),
        limit: int = 500,
    ) -> list[Movement]:
        """A page of the movements by customer; `after` is the last customer and currency of the
        page before."""
        query = select(tieout_movements).where(
            _m.run == run, tuple_(_m.party, _m.currency) > tuple_(*after)
        )
        if differing:
            query = query.where(_m.differs.is_(True))
        query = query.order_by(_m.party, _m.currency).limit(limit)
        return [_movement(row._mapping) for row in await self._database.rows(query)]

    async def count_movements(self, run: int) -> tuple[int, int]:
        """How many movements there are, and how many differ."""
        query = select(_m.differs, func.count()).where(_m.run == run).group_by(_m.differs)
        counts = {bool(row[0]): row[1] for row in await self._database.rows(query)}
        return sum(counts.values()), counts.get(True, 0)


def _run(row: Any) -> Run:
    summary = TieOutSummary.model_validate_json(row.summary) if row.summary else None
    return Run(row.run, row.connection, row.period, row.started_at, row.finished_at, summary)


def _movement(columns: Any) -> Movement:
    figures = {
        name: from_millionths(int(value))
        for name, value in columns.items()
        if name.startswith(("source_", "target_", "unexplained"))
    }
    return Movement(party=columns["party"], currency=columns["currency"], **figures)
