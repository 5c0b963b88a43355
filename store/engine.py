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
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import CompoundSelect, Select, event, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.dml import UpdateBase

from store.address import Address, Synchronous
from store.errors import StoreDamaged, StoreError, StoreUnavailable

T = TypeVar("T")
Work: TypeAlias = Callable[[AsyncConnection], Awaitable[T]]
Parameters: TypeAlias = Mapping[str, Any] | None

BUSY_SECONDS = 30.0
_WRITES = "tieout_writes"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TRIES = 100
_PAUSE = 0.05


class Database:
    """Short transactions on one engine. Texts of errors never show parameters of statements.

    Each transaction runs in a task of its own: a caller that is cancelled leaves at once, and the
    transaction still ends properly. (A driver that is stopped between two statements keeps its
    connection, and SQLite its lock, for ever.)
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._reads = engine if self.is_sqlite else _autocommit(engine)
        self._writes = engine.execution_options(**{_WRITES: True})
        # Writers of one process queue up in turn here; SQLite would make them poll for its lock.
        self._turn: contextlib.AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else contextlib.nullcontext()
        )
        self._running: set[asyncio.Task[Any]] = set()

    async def read(self, work: Work[T]) -> T:
        """Run SELECTs, each of which sees one moment of its own."""
        return await self._unhurt(self._read(work))

    async def write(self, work: Work[T]) -> T:
        """Run one transaction: committed when the work returns, rolled back when it raises. The
        work awaits nothing but its own statements."""
        return await self._unhurt(self._write(work))

    async def rows(
        self, query: Select[Any] | CompoundSelect[Any], parameters: Parameters = None
    ) -> list[Any]:
        """All rows of one SELECT."""

        async def work(connection: AsyncConnection) -> list[Any]:
            return list((await connection.execute(query, parameters)).all())

        return await self.read(work)

    async def row(self, query: Select[Any], parameters: Parameters = None) -> Any | None:
        """The one row of a SELECT that finds at most one."""
        found = await self.rows(query, parameters)
        return found[0] if found else None

    async def change(self, statement: UpdateBase, parameters: Parameters = None) -> int:
        """One statement in a transaction of its own: how many rows it changed."""

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(statement, parameters)).rowcount

        return await self.write(work)

    async def changed(self, statement: UpdateBase, parameters: Parameters = None) -> Any | None:
        """One statement in a transaction of its own: the row it returns, None when it changed
        nothing."""

        async def work(connection: AsyncConnection) -> Any | None:
            return (await connection.execute(statement, parameters)).one_or_none()

        return await self.write(work)

    async def close(self) -> None:
        """Let what is under way end, then let go of all connections."""
        while self._running:
            await asyncio.wait(self._running)
        await self.engine.dispose()

    async def _unhurt(self, transaction: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(transaction)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        # Whoever waited may have been cancelled; an error nobody read would be reported as lost.
        if not task.cancelled():
            task.exception()

    async def _read(self, work: Work[T]) -> T:
        with _translated():
            async with self._reads.connect() as connection:
                return await work(connection)

    async def _write(self, work: Work[T]) -> T:
        with _translated():
            async with self._turn, self._writes.begin() as connection:
                return await work(connection)


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
        await database.row(select(1))
        return
    for _ in range(_TRIES):
        # Two processes that switch to WAL at once: SQLite refuses one without waiting.
        with contextlib.suppress(StoreUnavailable):
            await database.read(_use_wal)
            return
        await asyncio.sleep(_PAUSE)
    await database.read(_use_wal)


async def _use_wal(connection: AsyncConnection) -> None:
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
def _translated() -> Iterator[None]:
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
