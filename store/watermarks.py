"""How far a sweep has come: everything before a watermark was handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Executable, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Database
from store.tables import watermarks
from store.upsert import upsert

_c = watermarks.c


class Watermarks:
    """Named moments of each connection (aware UTC). They only move forward."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, connection: str, name: str) -> datetime | None:
        """The watermark, or None when nothing was ever handed over."""
        row = await self._database.row(
            select(_c.at).where(_c.connection == connection, _c.name == name)
        )
        moment: datetime | None = row.at if row else None
        return moment

    async def all(self, connection: str) -> dict[str, datetime]:
        """Every watermark of a connection, by name."""
        query = select(_c.name, _c.at).where(_c.connection == connection).order_by(_c.name)
        return {row.name: row.at for row in await self._database.rows(query)}

    async def advance(self, connection: str, name: str, to: datetime) -> None:
        """Move it forward; a moment before the present one changes nothing."""
        await self.advance_all(connection, {name: to})

    async def advance_all(self, connection: str, to: Mapping[str, datetime]) -> None:
        """Move several of them forward at once, by name."""

        async def work(transaction: AsyncConnection) -> None:
            for name, at in to.items():
                await transaction.execute(self._advanced(connection, name, at))

        if to:
            await self._database.write(work)

    def _advanced(self, connection: str, name: str, to: datetime) -> Executable:
        statement = upsert(self._database, watermarks).values(
            connection=connection, name=name, at=to
        )
        return statement.on_conflict_do_update(
            index_elements=[_c.connection, _c.name], set_={"at": to}, where=_c.at < to
        )
