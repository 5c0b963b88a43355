from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from store.callbacks import MOST_PENDING, ActiveCallback
from store.cipher import Cipher
from store.errors import UnknownCallback
from store.keyring import KeyRing
from store.store import Store
from tests.store.samples import CONNECTION, NOW

URI = "https://us.example/webhooks/freshbooks/demo-nav"


@pytest.fixture
async def store(url: str, ring: KeyRing) -> AsyncIterator[Store]:
    """A store whose clock ticks a second at each use, so that the order is certain."""
    seconds = iter(range(10_000))
    opened = await Store.open(
        url, Cipher(ring), migrate=True, now=lambda: NOW + timedelta(seconds=next(seconds))
    )
    async with opened:
        yield opened


async def _remember(store: Store, verifier: str, callback_id: str = "7") -> None:
    await store.callbacks.remember_pending(CONNECTION, callback_id, "invoice.create", URI, verifier)


async def test_a_handshake_is_pending_until_it_is_confirmed(store: Store) -> None:
    await _remember(store, "v1")
    assert await store.callbacks.active(CONNECTION) == []
    assert [p.verifier for p in await store.callbacks.pending(CONNECTION, "7")] == ["v1"]
    await store.callbacks.activate(CONNECTION, "7")
    assert await store.callbacks.active(CONNECTION) == [("7", "invoice.create", "v1")]
    assert await store.callbacks.pending(CONNECTION, "7") == []
    assert await store.callbacks.active("other") == []


async def test_a_forged_handshake_replaces_neither_an_active_nor_a_pending_verifier(
    store: Store,
) -> None:
    await _remember(store, "genuine")
    await _remember(store, "forged")
    assert [p.verifier for p in await store.callbacks.pending(CONNECTION, "7")] == [
        "forged",
        "genuine",
    ]
    await store.callbacks.activate(CONNECTION, "7", "genuine")
    await _remember(store, "forged again")
    assert [c.verifier for c in await store.callbacks.active(CONNECTION)] == ["genuine"]


async def test_a_new_verifier_replaces_the_old_one_once_it_is_confirmed(store: Store) -> None:
    for verifier in ("v1", "v2"):
        await _remember(store, verifier)
        await store.callbacks.activate(CONNECTION, "7", verifier)
    assert [c.verifier for c in await store.callbacks.active(CONNECTION)] == ["v2"]


async def test_a_repeated_handshake_is_confirmed_again_while_it_stays_active(store: Store) -> None:
    await _remember(store, "v1")
    await store.callbacks.activate(CONNECTION, "7")
    await _remember(store, "v1")
    assert [c.verifier for c in await store.callbacks.active(CONNECTION)] == ["v1"]
    assert len(await store.callbacks.pending(CONNECTION, "7")) == 1
    await store.callbacks.activate(CONNECTION, "7", "v1")
    assert await store.callbacks.pending(CONNECTION, "7") == []


@pytest.mark.parametrize("verifier", [None, "never seen"])
async def test_only_a_pending_verifier_is_activated(store: Store, verifier: str | None) -> None:
    if verifier:
        await _remember(store, "v1")
    with pytest.raises(UnknownCallback, match="callback 7"):
        await store.callbacks.activate(CONNECTION, "7", verifier)


async def test_a_flood_of_handshakes_is_capped_and_pushes_out_no_active_one(store: Store) -> None:
    await _remember(store, "active", "1")
    await store.callbacks.activate(CONNECTION, "1")
    await store.callbacks.remember_pending("other", "1", "payment", URI, "elsewhere")
    for n in range(MOST_PENDING + 5):
        await _remember(store, f"v{n}", str(100 + n))
    listed = await store.callbacks.registered(CONNECTION)
    waiting = {c.callback_id for c in listed if c.pending}
    assert waiting == {str(100 + n) for n in range(5, MOST_PENDING + 5)}
    assert [c.callback_id for c in listed if c.active] == ["1"]
    assert len(await store.callbacks.registered("other")) == 1


async def test_a_forgotten_callback_is_accepted_no_more(store: Store) -> None:
    await _remember(store, "v1")
    await store.callbacks.activate(CONNECTION, "7")
    assert await store.callbacks.forget(CONNECTION, "7")
    assert not await store.callbacks.forget(CONNECTION, "7")
    assert await store.callbacks.active(CONNECTION) == []


async def test_verifiers_are_not_shown(store: Store) -> None:
    await _remember(store, "planted")
    assert "planted" not in repr(await store.callbacks.pending(CONNECTION, "7"))
    assert "planted" not in repr(ActiveCallback("7", "invoice", "planted"))
