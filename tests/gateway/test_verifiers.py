"""Signature keys in memory: when the store is read, and what a miss costs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from connectors.freshbooks.webhooks import sign
from store.errors import StoreError
from store.store import Store
from workers.gateway.verifiers import RELOAD_SECONDS, STALE_SECONDS, Verifiers

FIELDS = [("name", "invoice.create"), ("object_id", "7"), ("note", ""), ("note", "é: ,")]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


Accept = Callable[[str], Awaitable[None]]


@pytest.fixture
def accept(store: Store) -> Accept:
    """Makes a verifier an active one of the connection `demo`."""

    async def accepted(verifier: str) -> None:
        await store.callbacks.remember_pending("demo", "1", "invoice", "", verifier)
        await store.callbacks.activate("demo", "1", verifier)

    return accepted


@pytest.fixture
async def reads(store: Store) -> AsyncIterator[list[str]]:
    """The queries our store sent to its database."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    engine = store._database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def _signed(verifier: str) -> str:
    return sign(FIELDS, verifier)


async def test_good_signatures_read_the_store_once(
    store: Store, accept: Accept, reads: list[str]
) -> None:
    await accept("first-key")
    verifiers = Verifiers(store.callbacks, clock=Clock())
    before = len(reads)
    for _ in range(3):
        assert await verifiers.accept("demo", FIELDS, _signed("first-key"))
    assert len(reads) - before == 1


async def test_every_callback_of_a_connection_has_a_key_of_its_own(
    store: Store, accept: Accept
) -> None:
    await accept("first-key")
    await store.callbacks.remember_pending("demo", "2", "payment", "", "second-key")
    await store.callbacks.activate("demo", "2")
    verifiers = Verifiers(store.callbacks, clock=Clock())
    assert await verifiers.accept("demo", FIELDS, _signed("first-key"))
    assert await verifiers.accept("demo", FIELDS, _signed("second-key"))
    assert not await verifiers.accept("other", FIELDS, _signed("first-key"))


async def test_a_new_callback_is_known_without_a_restart(store: Store, accept: Accept) -> None:
    clock = Clock()
    verifiers = Verifiers(store.callbacks, clock=clock)
    assert not await verifiers.accept("demo", FIELDS, _signed("late-key"))
    await accept("late-key")
    clock.now += RELOAD_SECONDS
    assert await verifiers.accept("demo", FIELDS, _signed("late-key"))


async def test_forged_signatures_read_the_store_once_a_second(
    store: Store, accept: Accept, reads: list[str]
) -> None:
    await accept("key-of-ours")
    clock = Clock()
    verifiers = Verifiers(store.callbacks, clock=clock)
    before = len(reads)
    for _ in range(50):
        assert not await verifiers.accept("demo", FIELDS, _signed("key-of-theirs"))
    assert len(reads) - before == 1
    clock.now += RELOAD_SECONDS
    assert not await verifiers.accept("demo", FIELDS, _signed("key-of-theirs"))
    assert len(reads) - before == 2


async def test_a_removed_callback_stops_counting_in_the_end(store: Store, accept: Accept) -> None:
    await accept("old-key")
    clock = Clock()
    verifiers = Verifiers(store.callbacks, clock=clock)
    assert await verifiers.accept("demo", FIELDS, _signed("old-key"))
    await store.callbacks.forget("demo", "1")
    clock.now += STALE_SECONDS
    assert not await verifiers.accept("demo", FIELDS, _signed("old-key"))


async def test_known_keys_serve_while_the_store_is_away_and_unknown_ones_say_so(
    store: Store, accept: Accept, tmp_path: Path
) -> None:
    await accept("known-key")
    clock = Clock()
    verifiers = Verifiers(store.callbacks, clock=clock)
    assert await verifiers.accept("demo", FIELDS, _signed("known-key"))
    await store.close()
    (tmp_path / "store.db").write_bytes(b"this is no database" * 100)
    clock.now += RELOAD_SECONDS
    assert await verifiers.accept("demo", FIELDS, _signed("known-key"))
    with pytest.raises(StoreError):
        await verifiers.accept("demo", FIELDS, _signed("other-key"))


@pytest.mark.parametrize("signature", ["", "AAAA", "é", "x" * 5000])
async def test_what_is_no_signature_is_refused(
    store: Store, accept: Accept, signature: str
) -> None:
    await accept("a-good-key")
    verifiers = Verifiers(store.callbacks, clock=Clock())
    assert not await verifiers.accept("demo", FIELDS, signature)


async def test_a_changed_order_of_fields_is_another_message(store: Store, accept: Accept) -> None:
    await accept("a-good-key")
    verifiers = Verifiers(store.callbacks, clock=Clock())
    assert not await verifiers.accept("demo", FIELDS[::-1], _signed("a-good-key"))
