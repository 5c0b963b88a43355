"""The vault of our store as the token vault that the FreshBooks connector asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict

from connectors.freshbooks.tokens import RefreshInDoubt, TokenSet, TokenVault
from store.errors import RefreshInDoubt as StoreInDoubt
from store.tokens import TokenVault as Stored


class StoredTokens:
    """Tokens of one connection, encrypted in the store, refreshed by one worker at a time."""

    def __init__(self, tokens: Stored) -> None:
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


class PendingConsent:
    """The tokens of a consent until it is known whose it is: a consent by the wrong person must
    not take the place of tokens that work. Lost with the process, and then given once more."""

    def __init__(self) -> None:
        self._tokens: TokenSet | None = None

    async def load(self) -> TokenSet | None:
        return self._tokens

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        yield

    async def begin_refresh(self, refresh_token: str) -> None:
        raise RefreshInDoubt

    async def save(self, tokens: TokenSet) -> None:
        self._tokens = tokens

    async def abort_refresh(self) -> None:
        return

    async def keep(self, vault: TokenVault) -> None:
        """Put the tokens where the workers find them. LookupError when there are none."""
        if self._tokens is None:
            raise LookupError("nobody has given consent yet")
        async with vault.lock():
            await vault.save(self._tokens)
