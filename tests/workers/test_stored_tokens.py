"""The vault that workers really use: a refresh token is spent once, whoever needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.freshbooks.auth import FreshBooksAuth
from connectors.freshbooks.tokens import TokenSet
from connectors.transport import Transport
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.connectors.freshbooks_house import LIFE_OF_A_TOKEN, NOW, TokenServer
from workers.tokens import StoredTokens


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Two workers' connections to one database."""
    url, cipher = f"sqlite:///{tmp_path / 'tieout.db'}", Cipher(KeyRing.generate("k1"))
    async with (
        await Store.open(url, cipher, migrate=True) as one,
        await Store.open(url, cipher) as other,
    ):
        yield one, other


def _worker(store: Store, server: TokenServer) -> FreshBooksAuth:
    transport = Transport("freshbooks", "https://api.example.test", transport=server)
    redirect, vault = "https://tieout.example.test/callback", StoredTokens(store.tokens("demo-nav"))
    return FreshBooksAuth("app", "s3cret", redirect, vault, transport, now=lambda: NOW)


async def test_two_workers_with_an_expired_token_spend_the_refresh_token_once(
    stores: tuple[Store, Store],
) -> None:
    expired = TokenSet("a0", "r0", NOW - LIFE_OF_A_TOKEN, LIFE_OF_A_TOKEN)
    await StoredTokens(stores[0].tokens("demo-nav")).save(expired)
    server = TokenServer()
    server.wait = asyncio.Event()
    workers = [_worker(store, server) for store in stores]
    asking = [asyncio.create_task(worker.token()) for worker in workers]
    await server.asked.wait()
    await asyncio.sleep(0.2)
    assert len(server.forms) == 1
    server.wait.set()
    assert await asyncio.gather(*asking) == ["a1", "a1"]
    assert len(server.forms) == 1
