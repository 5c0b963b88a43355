from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from store.cipher import Cipher
from store.errors import RefreshInDoubt
from store.keyring import KeyRing
from store.store import Store
from tests.store.samples import CONNECTION
from tests.store.spawn import finish, spawn

FIRST = {"access_token": "a-1", "refresh_token": "refresh-1", "created_at": 1, "expires_in": 43200}
SECOND = {**FIRST, "access_token": "a-2", "refresh_token": "refresh-2"}


async def test_before_anybody_signed_in_there_are_no_tokens(store: Store) -> None:
    assert await store.tokens(CONNECTION).load() is None


async def test_tokens_are_loaded_as_they_were_saved(store: Store) -> None:
    await store.tokens(CONNECTION).save(FIRST)
    assert await store.tokens(CONNECTION).load() == FIRST
    assert await store.tokens("other").load() is None
    await store.tokens(CONNECTION).save(SECOND)
    assert await store.tokens(CONNECTION).load() == SECOND


async def test_a_refresh_that_ends_leaves_no_doubt(store: Store) -> None:
    vault = store.tokens(CONNECTION)
    await vault.save(FIRST)
    await vault.begin_refresh("refresh-1")
    assert await vault.load() == FIRST
    await vault.save(SECOND)
    await vault.begin_refresh("refresh-2")


async def test_a_refresh_that_never_ended_is_in_doubt(store: Store) -> None:
    vault = store.tokens(CONNECTION)
    await vault.save(FIRST)
    await vault.begin_refresh("refresh-1")
    with pytest.raises(RefreshInDoubt, match=r"demo-nav.*Sign the connection in again") as caught:
        await vault.begin_refresh("refresh-1")
    assert caught.value.since is not None
    assert "refresh-1" not in str(caught.value)


async def test_a_refresh_that_certainly_failed_may_be_repeated(store: Store) -> None:
    vault = store.tokens(CONNECTION)
    await vault.save(FIRST)
    await vault.begin_refresh("refresh-1")
    await vault.abort_refresh()
    await vault.begin_refresh("refresh-1")


async def test_signing_in_again_ends_the_doubt(store: Store) -> None:
    vault = store.tokens(CONNECTION)
    await vault.save(FIRST)
    await vault.begin_refresh("refresh-1")
    await vault.save(SECOND)
    assert await vault.load() == SECOND
    await vault.begin_refresh("refresh-2")


async def test_of_many_that_begin_one_refresh_exactly_one_may(store: Store) -> None:
    vault = store.tokens(CONNECTION)
    await vault.save(FIRST)

    async def attempt() -> bool:
        try:
            await vault.begin_refresh("refresh-1")
        except RefreshInDoubt:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(10)))) == 1


async def test_a_crash_between_the_call_and_the_commit_is_noticed(
    url: str, ring: KeyRing, store: Store, tmp_path: Path
) -> None:
    await store.tokens(CONNECTION).save(FIRST)
    await finish(await spawn(url, ring, "refresh", tmp_path), 9)
    with pytest.raises(RefreshInDoubt):
        await store.tokens(CONNECTION).begin_refresh("refresh-1")
    assert await store.tokens(CONNECTION).load() == FIRST


async def test_two_workers_that_need_one_refresh_make_exactly_one(
    url: str, store: Store, ring: KeyRing
) -> None:
    await store.tokens(CONNECTION).save(FIRST)
    refreshed: list[str] = []

    async def work(own: Store) -> object:
        vault = own.tokens(CONNECTION)
        async with vault.lock():
            tokens = await vault.load()
            assert tokens is not None
            if tokens["access_token"] == "a-1":
                await vault.begin_refresh(tokens["refresh_token"])
                await asyncio.sleep(0.02)
                refreshed.append(tokens["refresh_token"])
                await vault.save(SECOND)
            return (await vault.load() or {})["access_token"]

    async with await Store.open(url, Cipher(ring)) as other:
        assert await asyncio.gather(*(work(s) for s in (store, other, store))) == ["a-2"] * 3
    assert refreshed == ["refresh-1"]
