"""What was told about trouble, per connection, channel and cause: so that it is told once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from documents.alert import AlertState
from store.engine import Database
from store.tables import alerts
from store.upsert import upsert

_c = alerts.c
_KEY = [_c.connection, _c.channel, _c.cause]


class Alerts:
    """The causes that are open, by connection and channel. A cause is a code, never personal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_ones(self, connection: str, channel: str) -> dict[str, AlertState]:
        """Everything that was told of and not solved yet, by cause."""
        query = select(alerts).where(_c.connection == connection, _c.channel == channel)
        rows = await self._database.rows(query.order_by(_c.cause))
        return {row.cause: _state(row) for row in rows}

    async def save(self, connection: str, channel: str, state: AlertState) -> None:
        """Remember a cause as it is known to a channel now."""
        values = {
            "first_at": state.first_at,
            "seen_at": state.seen_at,
            "told_at": state.told_at,
            "times": state.times,
            "number": state.number,
        }
        statement = upsert(self._database, alerts).values(
            connection=connection, channel=channel, cause=state.cause, **values
        )
        await self._database.change(
            statement.on_conflict_do_update(index_elements=_KEY, set_=values)
        )

    async def forget(self, connection: str, channel: str, cause: str) -> None:
        """The cause is solved, and the channel knows."""
        await self._database.change(
            delete(alerts).where(
                _c.connection == connection, _c.channel == channel, _c.cause == cause
            )
        )


def _state(row: Any) -> AlertState:
    return AlertState(
        cause=row.cause,
        first_at=row.first_at,
        seen_at=row.seen_at,
        told_at=row.told_at,
        times=row.times,
        number=row.number,
    )
