"""A store for each test, on SQLite and, where it is installed, on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.fresh import fresh_database
from tests.store.cluster import Cluster, programs

ENGINES = ["sqlite", *(["postgresql"] if programs() else [])]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    folder = programs()
    assert folder is not None
    cluster = Cluster(folder)
    yield cluster
    cluster.stop()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'tieout.db'}"


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return sqlite_url
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_schema()


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.generate("k1")


@pytest.fixture
async def store(url: str, ring: KeyRing) -> AsyncIterator[Store]:
    if url.startswith("sqlite"):
        await fresh_database(Path(url.removeprefix("sqlite:///")))
    async with await Store.open(url, Cipher(ring), migrate=True) as opened:
        yield opened
