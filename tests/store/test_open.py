from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.address import Address
from store.cipher import Cipher
from store.engine import Database, connect
from store.errors import (
    BadStoreUrl,
    NewerDatabase,
    OlderDatabase,
    StaleRow,
    StoreDamaged,
    StoreUnavailable,
    UnknownKey,
    WrongKey,
)
from store.keyring import KeyRing
from store.migrate import VERSION_TABLE, revisions
from store.store import Store
from store.tables import metadata
from store.upgrade import script_config
from tests.store.samples import full_row, row
from tests.store.spawn import finish, spawn


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _cut(url: str, kept: float) -> None:
    content = _path(url).read_bytes()
    _path(url).write_bytes(content[: int(len(content) * kept)])


def _table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    database = await connect(Address.parse(url))
    try:
        yield database
    finally:
        await database.close()


async def test_an_empty_database_is_migrated(url: str, ring: KeyRing) -> None:
    async with await Store.open(url, Cipher(ring), migrate=True) as store:
        await store.documents.save(row())
    async with _database(url) as database:
        names = await database.read(lambda c: c.run_sync(_table_names))
    assert names == {*metadata.tables, VERSION_TABLE}


async def test_the_migrations_make_exactly_the_tables_that_are_used(url: str, store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return list(compare_metadata(context, metadata))

    async with _database(url) as database:
        assert await database.read(lambda c: c.run_sync(differences)) == []


def test_the_names_of_the_files_tell_the_revisions_in_their_order() -> None:
    scripts = ScriptDirectory.from_config(script_config())
    in_order = [script.revision for script in scripts.walk_revisions()]
    assert list(revisions()) == in_order[::-1]


async def test_migrating_again_changes_nothing(url: str, ring: KeyRing) -> None:
    async with await Store.open(url, Cipher(ring), migrate=True) as store:
        saved = await store.documents.save(full_row())
    async with await Store.open(url, Cipher(ring), migrate=True) as store:
        found = await store.documents.get(saved.connection, saved.kind, saved.source_id)
    assert found == saved


async def test_stores_that_open_together_in_one_process_migrate_once(
    url: str, ring: KeyRing
) -> None:
    stores = await asyncio.gather(*(Store.open(url, Cipher(ring), migrate=True) for _ in range(4)))
    for store in stores:
        await store.ping()
        await store.close()


async def test_processes_that_start_together_migrate_once(
    url: str, ring: KeyRing, tmp_path: Path
) -> None:
    processes = [await spawn(url, ring, "open", tmp_path / str(n)) for n in range(4)]
    for process in processes:
        await finish(process)
    async with await Store.open(url, Cipher(ring)) as store:
        await store.ping()


async def test_without_leave_to_migrate_an_empty_database_is_refused(
    url: str, ring: KeyRing
) -> None:
    with pytest.raises(OlderDatabase, match="revision none"):
        await Store.open(url, Cipher(ring))


async def test_a_database_of_a_newer_release_is_refused(
    url: str, ring: KeyRing, store: Store
) -> None:
    newer = text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608
    async with _database(url) as database:
        await database.write(lambda connection: connection.execute(newer))
    with pytest.raises(NewerDatabase, match=r"revision 9999.*upgrade this installation"):
        await Store.open(url, Cipher(ring), migrate=True)


async def test_another_key_of_the_same_id_is_refused_at_once(url: str, store: Store) -> None:
    with pytest.raises(WrongKey, match="'k1'"):
        await Store.open(url, Cipher(KeyRing.generate("k1")))


async def test_a_missing_key_is_named_at_once(url: str, store: Store) -> None:
    with pytest.raises(UnknownKey, match="'k1'"):
        await Store.open(url, Cipher(KeyRing.generate("k2")))


@pytest.mark.parametrize("kept", [0.5, 0.95])
async def test_a_database_file_that_was_cut_short_is_refused(
    sqlite_url: str, ring: KeyRing, kept: float
) -> None:
    async with await Store.open(sqlite_url, Cipher(ring), migrate=True) as store:
        for n in range(50):
            await store.documents.save(full_row().model_copy(update={"source_id": str(n)}))
    _cut(sqlite_url, kept)
    with pytest.raises(StoreDamaged, match="restore it from a backup"):
        await Store.open(sqlite_url, Cipher(ring), migrate=True)


async def test_a_file_that_is_no_database_is_refused(sqlite_url: str, ring: KeyRing) -> None:
    _path(sqlite_url).write_text("dear diary, " * 500)
    with pytest.raises(StoreDamaged):
        await Store.open(sqlite_url, Cipher(ring), migrate=True)


async def test_a_file_that_cannot_be_made_is_reported(ring: KeyRing, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await Store.open(f"sqlite:///{tmp_path}/file/x.db", Cipher(ring), migrate=True)


async def test_a_server_that_is_away_is_reported_without_the_password(ring: KeyRing) -> None:
    url = "postgresql://tieout:planted-password@127.0.0.1:1/none"
    with pytest.raises(StoreUnavailable) as caught:
        await Store.open(url, Cipher(ring))
    assert "planted-password" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "database file"),
        ("sqlite:///:memory:", "database file"),
        ("sqlite:///file::memory:?cache=shared&uri=true", "database file"),
        ("mysql://host/name", "use sqlite or postgresql"),
        ("postgresql://tieout:pw@db.example.com/tieout", "sslmode=verify-full"),
        ("postgresql://tieout:pw@db.example.com/tieout?sslmode=require", "sslmode=verify-full"),
        ("postgresql://tieout:pw@/tieout?host=db.example.com", "sslmode=verify-full"),
        ("nonsense planted-password", "not a database URL"),
        ("sqlite:///x.db?synchronous=OFF", "FULL or NORMAL"),
    ],
)
async def test_an_address_that_cannot_serve_is_refused(url: str, why: str, ring: KeyRing) -> None:
    with pytest.raises(BadStoreUrl, match=why) as caught:
        await Store.open(url, Cipher(ring), migrate=True)
    assert "planted-password" not in str(caught.value)


async def test_only_the_owner_may_read_the_file(tmp_path: Path, ring: KeyRing) -> None:
    path = tmp_path / "folder" / "tieout.db"
    async with await Store.open(f"sqlite:///{path}", Cipher(ring), migrate=True):
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("query", "level"), [("", 2), ("?synchronous=NORMAL", 1)])
async def test_every_commit_is_synced_unless_the_data_is_throw_away(
    sqlite_url: str, query: str, level: int
) -> None:
    async with _database(sqlite_url + query) as database:

        async def pragma(name: str) -> object:
            return await database.read(lambda c: c.scalar(text(f"PRAGMA {name}")))

        assert await pragma("synchronous") == level
        assert await pragma("journal_mode") == "wal"
        assert await pragma("busy_timeout") == 30_000


async def test_a_cancelled_write_leaves_the_store_usable(store: Store) -> None:
    """Cancelled at any point, a write happened wholly or not at all, and nothing stays locked."""
    saved = await store.documents.save(row())
    for delay in range(60):
        task = asyncio.create_task(store.documents.save(saved))
        await asyncio.sleep(delay / 20_000)
        task.cancel()
        await asyncio.wait([task])
        found = await store.documents.get(saved.connection, saved.kind, saved.source_id)
        assert found is not None
        assert found.version in (saved.version, saved.version + 1)
        saved = found
    async with asyncio.timeout(5):
        # A cancelled write may still be under way: then what was read before it is stale.
        while True:
            try:
                assert (await store.documents.save(saved)).version == saved.version + 1
                return
            except StaleRow:
                found = await store.documents.get(saved.connection, saved.kind, saved.source_id)
                assert found is not None
                saved = found


async def test_a_closing_store_lets_what_is_under_way_end(url: str, ring: KeyRing) -> None:
    store = await Store.open(url, Cipher(ring), migrate=True)
    writing = asyncio.create_task(store.documents.save(row()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    writing.cancel()
    await store.close()
    async with await Store.open(url, Cipher(ring)) as again:
        assert await again.documents.get("demo-nav", row().kind, row().source_id) is not None


class _Unfinished:
    """A transaction of somebody else that has written and is not finished."""

    def __init__(self, statement: str) -> None:
        self._statement = text(statement)
        self._written = asyncio.Event()
        self._end = asyncio.Event()

    async def work(self, connection: AsyncConnection) -> None:
        await connection.execute(self._statement)
        self._written.set()
        await self._end.wait()

    @asynccontextmanager
    async def under_way(self, database: Database) -> AsyncIterator[None]:
        task = asyncio.create_task(database.write(self.work))
        await self._written.wait()
        yield
        self._end.set()
        await task


async def test_readers_do_not_wait_for_a_writer(url: str, store: Store) -> None:
    saved = await store.documents.save(row())
    unfinished = _Unfinished("UPDATE documents SET target_number = 'unfinished'")
    async with _database(url) as other, unfinished.under_way(other), asyncio.timeout(5):
        found = await store.documents.get(saved.connection, saved.kind, saved.source_id)
    assert found == saved


async def test_a_writer_waits_for_another_one(url: str, store: Store) -> None:
    saved = await store.documents.save(row())
    async with _database(url) as other:
        async with _Unfinished("UPDATE documents SET closed = closed").under_way(other):
            waiting = asyncio.create_task(store.documents.save(saved))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        assert (await waiting).version == 2


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://tieout@db.example.com/tieout?sslmode=verify-full",
        "postgresql://tieout@db.example.com/tieout?sslmode=disable",
        "postgresql://tieout@127.0.0.1/tieout",
        "postgresql://tieout@/tieout?host=/var/run/postgresql",
        "postgresql:///tieout",
    ],
)
def test_a_server_is_verified_or_the_network_to_it_vouched_for(url: str) -> None:
    assert Address.parse(url).path is None


async def test_two_new_keys_of_one_id_are_told_apart_at_the_start(url: str, ring: KeyRing) -> None:
    one, other = ring.with_new_key("k2"), ring.with_new_key("k2")
    for migrate, keys in ((True, ring), (False, one), (False, one)):
        async with await Store.open(url, Cipher(keys), migrate=migrate):
            pass
    with pytest.raises(WrongKey, match="'k2'"):
        await Store.open(url, Cipher(other))
