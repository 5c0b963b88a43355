"""Bring the schema to what this release needs, once, however many processes start together.

Most processes find it up to date: what carries the revisions out (store.upgrade) takes longer to
import than all else of the store, and is imported only when there is something to do.
"""

from __future__ import annotations

import asyncio
import importlib
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Database
from store.errors import NewerDatabase, OlderDatabase

VERSION_TABLE = "tieout_schema"
MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK_NUMBER = 7_426_311_020
_READ_VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608

# Alembic keeps the migration under way in module globals: one at a time in each event loop.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def bring_up_to_date(database: Database, *, migrate: bool) -> None:
    """Check the schema, and upgrade it if that is wanted.

    Everything happens in one transaction under a lock of the database, so that processes that
    start together upgrade once. NewerDatabase for a revision that this release does not know;
    OlderDatabase when `migrate` is false and something is missing.
    """
    found = await database.read(lambda connection: connection.run_sync(_revision))
    if not _is_older(found):
        return
    if not migrate:
        raise OlderDatabase(found, revisions()[-1])
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        await _upgrade(database)


@cache
def revisions() -> tuple[str, ...]:
    """The revisions this release knows, oldest first: the numbers in the names of their files."""
    files = (MIGRATIONS / "versions").glob("rev_*.py")
    return tuple(sorted(file.stem.split("_")[1] for file in files))


async def _upgrade(database: Database) -> None:
    upgrade = importlib.import_module("store.upgrade")

    async def work(connection: AsyncConnection) -> None:
        await _lock(database, connection)
        if _is_older(await connection.run_sync(_revision)):
            await connection.run_sync(upgrade.to_newest)

    await database.write(work)


async def _lock(database: Database, connection: AsyncConnection) -> None:
    if not database.is_sqlite:
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        await connection.execute(lock, {"number": _LOCK_NUMBER})


def _revision(connection: Connection) -> str:
    """The revision of the database; empty when it was never migrated."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return ",".join(connection.execute(_READ_VERSION).scalars())


def _is_older(found: str) -> bool:
    newest = revisions()[-1]
    if found and found not in revisions():
        raise NewerDatabase(found, newest)
    return found != newest
