"""Opening our store as the settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from workers.settings import AppSettings


@asynccontextmanager
async def open_store(settings: AppSettings) -> AsyncIterator[Store]:
    """The store, brought up to date, with the keys of the settings; closed at the end.

    Raises the errors of `store.errors` for a missing or wrong key and a database that cannot
    serve; their texts say what to do.
    """
    cipher = Cipher(KeyRing.from_source(settings.keys.get_secret_value()))
    async with await Store.open(settings.store_url, cipher, migrate=True) as store:
        yield store
