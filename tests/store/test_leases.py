from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.cipher import Cipher
from store.errors import LeaseHeld, LeaseLost
from store.keyring import KeyRing
from store.store import Store
from tests.store.spawn import appear, finish, spawn


async def test_one_holder_at_a_time(store: Store) -> None:
    assert await store.leases.acquire("x", "a")
    assert not await store.leases.acquire("x", "b")
    assert await store.leases.acquire("y", "b")
    assert await store.leases.release("x", "a")
    assert await store.leases.acquire("x", "b")


async def test_a_holder_may_ask_again(store: Store) -> None:
    assert await store.leases.acquire("x", "a")
    assert await store.leases.acquire("x", "a")


async def test_only_the_holder_gives_a_lease_back(store: Store) -> None:
    await store.leases.acquire("x", "a")
    assert not await store.leases.release("x", "b")
    assert not await store.leases.acquire("x", "b")


async def test_an_expired_lease_is_free_and_cannot_be_renewed(store: Store) -> None:
    await store.leases.acquire("x", "a", ttl=0.0)
    assert not await store.leases.renew("x", "a")
    assert await store.leases.acquire("x", "b")
    assert await store.leases.renew("x", "b")
    assert not await store.leases.release("x", "a")


async def test_waiters_of_a_process_come_in_the_order_of_asking(store: Store) -> None:
    order: list[int] = []

    async def wait(number: int) -> None:
        async with store.leases.hold("x"):
            order.append(number)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(wait(n) for n in range(6)))
    assert order == list(range(6))


async def test_a_lease_longer_than_its_time_is_renewed(
    url: str, store: Store, ring: KeyRing
) -> None:
    async with await Store.open(url, Cipher(ring)) as other, store.leases.hold("x", ttl=2.0):
        await asyncio.sleep(2.5)
        assert not await other.leases.acquire("x", "b")


async def test_who_is_not_patient_enough_is_told(url: str, store: Store, ring: KeyRing) -> None:
    async with await Store.open(url, Cipher(ring)) as other, store.leases.hold("x"):
        for asking in (store, other):
            with pytest.raises(LeaseHeld, match="lease x"):
                async with asking.leases.hold("x", patience=0.15):
                    pytest.fail("two holders")
    async with store.leases.hold("x", patience=5):
        pass


async def test_the_body_is_stopped_when_its_lease_is_lost(store: Store) -> None:
    reached = False
    with pytest.raises(LeaseLost, match="lease x"):
        async with store.leases.hold("x", ttl=0.3) as holder:
            await store.leases.release("x", holder)
            await asyncio.sleep(30)
            reached = True
    assert not reached
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_cancelled_holder_gives_its_lease_back(store: Store) -> None:
    entered = asyncio.Event()

    async def work() -> None:
        async with store.leases.hold("x"):
            entered.set()
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.leases.acquire("x", "b")


async def test_an_error_in_the_body_passes_and_gives_the_lease_back(store: Store) -> None:
    with pytest.raises(KeyError):
        async with store.leases.hold("x"):
            raise KeyError
    assert await store.leases.acquire("x", "b")


async def test_processes_take_turns(url: str, ring: KeyRing, store: Store, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    processes = [await spawn(url, ring, "count", counter, 10) for _ in range(2)]
    for process in processes:
        await finish(process)
    assert counter.read_text() == "20"


async def test_a_killed_holder_loses_its_lease_when_it_expires(
    url: str, ring: KeyRing, store: Store, tmp_path: Path
) -> None:
    process = await spawn(url, ring, "hold", tmp_path / "ready")
    await appear(tmp_path / "ready", process)
    assert not await store.leases.acquire("doomed", "b")
    os.kill(process.pid, signal.SIGKILL)
    await finish(process, -signal.SIGKILL)
    async with store.leases.hold("doomed", patience=10):
        pass


async def test_a_store_that_is_away_for_a_moment_loses_no_lease(
    sqlite_url: str, ring: KeyRing
) -> None:
    """The first renewal, after 1.5 seconds, fails; the next ones come in time."""
    opened = await Store.open(sqlite_url, Cipher(ring), migrate=True)
    async with opened as store, store.leases.hold("x", ttl=4.5) as holder:
        _rename(sqlite_url, "leases", "away")
        await asyncio.sleep(1.8)
        _rename(sqlite_url, "away", "leases")
        await asyncio.sleep(3.2)
        assert await store.leases.renew("x", holder)


def _rename(url: str, table: str, name: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
