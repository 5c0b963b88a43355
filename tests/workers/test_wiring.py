"""From settings to connections: what workers share, and what one of them may lack."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connectors.errors import Unavailable
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.workers.test_connections import GOOD
from workers.connections import ConnectionSettings, load_connections
from workers.settings import AppSettings
from workers.sources import source_transport
from workers.wiring import open_site

RING = KeyRing.generate("k1")


def _connection(folder: Path) -> ConnectionSettings:
    # One call in a hundred seconds; nobody listens at that address.
    limits = "per_second: 0.01, timeout_seconds: 1}\n  network: {allow_private: true"
    text = GOOD.replace("per_second: 5", limits)
    (folder / "demo-nav.yaml").write_text(text.replace(":9001", ":1"), encoding="utf-8")
    return load_connections(folder)["demo-nav"]


@asynccontextmanager
async def _a_worker(folder: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{folder / 'tieout.db'}"
    async with await Store.open(url, Cipher(RING), migrate=True) as store:
        yield store


async def test_the_rate_of_a_connection_is_shared_by_all_workers(tmp_path: Path) -> None:
    settings = _connection(tmp_path)
    async with (
        _a_worker(tmp_path) as one,
        _a_worker(tmp_path) as other,
        source_transport(settings, one) as first,
        source_transport(settings, other) as second,
    ):
        with pytest.raises(Unavailable, match="the call failed"):
            await first.send("GET", "/", operation="read")
        with pytest.raises(Unavailable, match="no reply within 1 s"):
            await second.send("GET", "/", operation="read")


async def test_a_connection_that_nobody_signed_in_keeps_no_other_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "connections"
    folder.mkdir()
    ready = GOOD.replace("demo-nav", "ready").replace("DNAV", "RDY").replace("zDmNq", "aBcD1")
    (folder / "demo-nav.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "ready.yaml").write_text(ready, encoding="utf-8")
    async with _a_worker(tmp_path) as store:
        for name in ("freshbooks/client-secret", "ready/target-secret"):
            await store.credentials.put("ready", name, "secret")
    settings = AppSettings(
        store_url=f"sqlite:///{tmp_path / 'tieout.db'}", connections=folder, keys=RING.text()
    )
    with caplog.at_level(logging.ERROR, "tieout.worker"):
        async with open_site(settings) as site:
            assert site.queues() == ["freshbooks.ready", "nav.ready"]
    (record,) = [each for each in caplog.records if each.name == "tieout.worker"]
    assert (record.__dict__["connection"], "tieout connect" in record.__dict__["reason"]) == (
        "demo-nav",
        True,
    )
