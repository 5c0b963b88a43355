"""The connection to the database: SQLite (the default) or PostgreSQL, shared by processes.

SQLite facts relied on (sqlite.org: wal.html, lang_transaction.html, pragma.html): in WAL mode
readers and the one writer do not block each other; a transaction that begins by reading and then
writes fails at once when somebody wrote meanwhile, whatever the busy timeout, so every write
transaction is BEGIN IMMEDIATE; synchronous FULL syncs the log at each commit, NORMAL may lose the
last commits in a power cut and is for throw-away data only.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.address import Address, Synchronous
from store.errors import StoreDamaged, StoreError, StoreUnavailable

BUSY_SECONDS = 30.0
_WRITES = "tieout_writes"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TRIES = 100
_PAUSE = 0.05


class Database:
    """Short transactions on one engine. Texts of errors never show parameters of statements."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._reads = engine if self.is_sqlite else _autocommit(engine)
        self._writes = engine.execution_options(**{_WRITES: True})
        # Writers of one process queue up in turn here; SQLite would make them poll for its lock.
        self._turn: contextlib.AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else contextlib.nullcontext()
        )

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """For single SELECTs, each of which sees one moment."""
        with translated():
            async with self._reads.connect() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end, rolled back on any error. Await nothing in it
        but its own statements."""
        with translated():
            async with self._turn, self._writes.begin() as connection:
                yield connection

    async def close(self) -> None:
        await self.engine.dispose()


async def connect(address: Address) -> Database:
    """Reach the database; StoreUnavailable or StoreDamaged when that is not possible."""
    # hide_parameters: the text of a database error would show what was being stored.
    engine = create_async_engine(address.url, hide_parameters=True, pool_pre_ping=False)
    if address.path is not None:
        _prepare_sqlite(engine, address.synchronous)
        address.create_private_file()
    database = Database(engine)
    try:
        await _first_contact(database)
    except BaseException:
        await database.close()
        raise
    return database


async def _first_contact(database: Database) -> None:
    if not database.is_sqlite:
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))
        return
    for _ in range(_TRIES):
        # Two processes that switch to WAL at once: SQLite refuses one without waiting.
        with contextlib.suppress(StoreUnavailable):
            await _use_wal(database)
            return
        await asyncio.sleep(_PAUSE)
    await _use_wal(database)


async def _use_wal(database: Database) -> None:
    async with database.read() as connection:
        mode = await connection.scalar(text("PRAGMA journal_mode"))
        if mode != "wal":
            await connection.execute(text("PRAGMA journal_mode=WAL"))
        await connection.execute(text("SELECT count(*) FROM sqlite_master"))


def _autocommit(engine: AsyncEngine) -> AsyncEngine:
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _prepare_sqlite(engine: AsyncEngine, synchronous: Synchronous) -> None:
    pragmas = (
        f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA temp_store=MEMORY",
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        # The driver would otherwise begin transactions by itself, deferred ones.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES):
            # Straight to the driver: one hop to its thread instead of three.
            driver: Any = connection.connection.dbapi_connection
            driver.run_async(lambda raw: raw.execute("BEGIN IMMEDIATE"))


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn failures of the driver into our own; what is a bug stays as it is."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("the store is busy: no connection became free in time") from error
    except (DBAPIError, sqlite3.Error) as error:
        replacement = _translation(error)
        if replacement is None:
            raise
        raise replacement from error


def _translation(error: DBAPIError | sqlite3.Error) -> StoreError | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return StoreUnavailable("the store's database cannot be reached or used now")
    return None


def _of_sqlite(error: sqlite3.Error) -> StoreError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _DAMAGED:
        return StoreDamaged()
    if isinstance(error, sqlite3.OperationalError):
        name = getattr(error, "sqlite_errorname", "") or type(error).__name__
        return StoreUnavailable(f"the store's database cannot be used now ({name})")
    return None
