"""The vault of our store as the token vault that the FreshBooks connector asks for."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import asdict

from connectors.freshbooks.tokens import RefreshInDoubt, TokenSet
from store.errors import RefreshInDoubt as StoreInDoubt
from store.tokens import TokenVault


class StoredTokens:
    """Tokens of one connection, encrypted in the store, refreshed by one worker at a time."""

    def __init__(self, tokens: TokenVault) -> None:
        self._tokens = tokens

    async def load(self) -> TokenSet | None:
        found = await self._tokens.load()
        return TokenSet(**found) if found else None

    def lock(self) -> AbstractAsyncContextManager[None]:
        return self._tokens.lock()

    async def begin_refresh(self, refresh_token: str) -> None:
        try:
            await self._tokens.begin_refresh(refresh_token)
        except StoreInDoubt:
            raise RefreshInDoubt from None

    async def save(self, tokens: TokenSet) -> None:
        await self._tokens.save(asdict(tokens))

    async def abort_refresh(self) -> None:
        await self._tokens.abort_refresh()
