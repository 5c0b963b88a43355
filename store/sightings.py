"""Which version of a source object was looked at or handed over last.

A sweep lists everything that changed in whole days; what is found here under the same version
has nothing new to say. The two marks are apart because a source may describe an object a little
differently in a listing than by itself: neither may erase the other, or it would be new for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Database
from store.tables import sightings
from store.upsert import upsert

_c = sightings.c
_KEY = [_c.connection, _c.kind, _c.source_id]


class Sightings:
    """The versions of all source objects; kinds are those of a source's listings."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def unseen(self, connection: str, kind: str, versions: Mapping[str, str]) -> set[str]:
        """Of these objects (id to version), those whose version nobody has seen."""
        if not versions:
            return set()
        where = (_c.connection == connection, _c.kind == kind, _c.source_id.in_(versions))
        query = select(_c.source_id, _c.looked, _c.handed).where(*where)
        rows = await self._database.rows(query)
        known = {row.source_id: (row.looked, row.handed) for row in rows}
        return {
            source_id
            for source_id, version in versions.items()
            if not version or version not in known.get(source_id, ())
        }

    async def looked(self, connection: str, kind: str, source_id: str, version: str) -> None:
        """An object was read in this version and dealt with; again is free."""
        if not version or not await self._is_news(connection, kind, source_id, version):
            return
        marks = {"looked": version, "at": self._now()}
        place = {"connection": connection, "kind": kind, "source_id": source_id}
        statement = upsert(self._database, sightings).values(**place, **marks, handed="")
        await self._database.change(
            statement.on_conflict_do_update(index_elements=_KEY, set_=marks)
        )

    async def handed(self, connection: str, kind: str, versions: Mapping[str, str]) -> None:
        """These objects (id to version) were handed over for good to whoever looks at them."""
        now = self._now()

        async def work(transaction: AsyncConnection) -> None:
            for source_id, version in versions.items():
                marks = {"handed": version, "at": now}
                place = {"connection": connection, "kind": kind, "source_id": source_id}
                statement = upsert(self._database, sightings).values(**place, **marks, looked="")
                await transaction.execute(
                    statement.on_conflict_do_update(index_elements=_KEY, set_=marks)
                )

        if versions:
            await self._database.write(work)

    async def latest(self, connection: str) -> datetime | None:
        """When something new was last seen of a source (aware UTC); None for never."""
        query = select(func.max(_c.at, type_=_c.at.type)).where(_c.connection == connection)
        row = await self._database.row(query)
        moment: datetime | None = row[0] if row else None
        return moment

    async def _is_news(self, connection: str, kind: str, source_id: str, version: str) -> bool:
        query = select(_c.looked).where(
            _c.connection == connection,
            _c.kind == kind,
            _c.source_id == source_id,
            _c.looked == version,
        )
        return await self._database.row(query) is None
