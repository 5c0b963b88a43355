"""Bring the schema to what this release needs, once, however many processes start together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Database
from store.errors import NewerDatabase, OlderDatabase

VERSION_TABLE = "tieout_schema"
_LOCK_NUMBER = 7_426_311_020
_CONNECTION = "connection"

# Alembic keeps the migration under way in module globals: one at a time in each event loop.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def script_config() -> Config:
    """The configuration of the packaged migrations, for use from Python."""
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


async def bring_up_to_date(database: Database, *, migrate: bool) -> None:
    """Check the schema, and upgrade it if that is wanted.

    Everything happens in one transaction under a lock of the database, so that processes that
    start together upgrade once. NewerDatabase for a revision that this release does not know;
    OlderDatabase when `migrate` is false and something is missing.
    """
    scripts = ScriptDirectory.from_config(script_config())
    found = await database.read(lambda connection: connection.run_sync(_revision))
    if not _is_older(scripts, found):
        return
    if not migrate:
        raise OlderDatabase(found, _head(scripts))
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        await _upgrade(database, scripts)


async def _upgrade(database: Database, scripts: ScriptDirectory) -> None:
    async def work(connection: AsyncConnection) -> None:
        await _lock(database, connection)
        if _is_older(scripts, await connection.run_sync(_revision)):
            await connection.run_sync(_run)

    await database.write(work)


async def _lock(database: Database, connection: AsyncConnection) -> None:
    if not database.is_sqlite:
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        await connection.execute(lock, {"number": _LOCK_NUMBER})


def _run(connection: Connection) -> None:
    config = script_config()
    config.attributes[_CONNECTION] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return ",".join(context.get_current_heads())


def _head(scripts: ScriptDirectory) -> str:
    return scripts.get_current_head() or ""


def _is_older(scripts: ScriptDirectory, found: str) -> bool:
    if found == _head(scripts):
        return False
    try:
        known = not found or scripts.get_revision(found) is not None
    except CommandError:
        known = False
    if not known:
        raise NewerDatabase(found, _head(scripts))
    return True
