"""The token pair of a connection, and the vault that keeps the only valid copy of it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class TokenSet:
    """An access token and the single-use refresh token for the next pair.

    `created_at` is in unix seconds, `expires_in` in seconds. The expiry counts from
    `created_at`, never from the answer: FreshBooks was seen to return the original one.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    created_at: int
    expires_in: int

    @property
    def expires_at(self) -> int:
        """Unix seconds at which the access token ends."""
        return self.created_at + self.expires_in


class RefreshInDoubt(Exception):
    """A refresh with this token was begun and never ended: FreshBooks may have used it up."""

    def __init__(self) -> None:
        super().__init__("an earlier refresh was begun with this token and never ended")


class TokenVault(Protocol):
    """Where the tokens of one connection are kept, encrypted, for all workers.

    FreshBooks kills the old refresh token with every refresh, so two refreshes at once, or one
    whose answer is not stored, lock the connection out until a person gives consent again.
    """

    async def load(self) -> TokenSet | None:
        """The present tokens; None when nobody gave consent yet."""
        ...

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Excludes every other worker while it is held."""
        ...

    async def begin_refresh(self, refresh_token: str) -> None:
        """Durable mark before the call; RefreshInDoubt when one with this token exists."""
        ...

    async def save(self, tokens: TokenSet) -> None:
        """Store durably and clear the mark; the tokens are used only after it returned."""
        ...

    async def abort_refresh(self) -> None:
        """Clear the mark: FreshBooks certainly did not rotate."""
        ...
