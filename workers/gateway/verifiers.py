"""The keys that deliveries are signed with, kept in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connectors.freshbooks.webhooks import Fields, verify

RELOAD_SECONDS = 1.0
"""Forged deliveries make us read the store at most this often."""

STALE_SECONDS = 300.0
"""A callback that was removed keeps its key for no longer than this."""

_NEVER = float("-inf")


class Callbacks(Protocol):
    """What the gateway needs of our store."""

    async def active(self, connection: str) -> Sequence[tuple[str, str, str]]:
        """Callback id, event and verifier of every verified callback of a connection."""
        ...

    async def remember_pending(
        self, connection: str, callback_id: str, event: str, uri: str, verifier: str
    ) -> None:
        """Keep the verifier of a handshake until it was confirmed."""
        ...


@dataclass
class _Known:
    verifiers: tuple[str, ...] = ()
    read_at: float = _NEVER
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Verifiers:
    """Checks signatures against every active callback of a connection."""

    def __init__(
        self, callbacks: Callbacks, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._callbacks = callbacks
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def accept(self, connection: str, fields: Fields, signature: str) -> bool:
        """Whether one of the connection's callbacks signed these fields.

        Without I/O for a good signature; a miss reads the store again, at most once a second.
        Raises what the store raises when it must be read and cannot.
        """
        known = self._known.setdefault(connection, _Known())
        if self._age(known) < STALE_SECONDS and _signed(fields, signature, known.verifiers):
            return True
        async with known.turn:
            if self._age(known) >= RELOAD_SECONDS:
                rows = await self._callbacks.active(connection)
                known.verifiers = tuple(verifier for _, _, verifier in rows)
                known.read_at = self._clock()
        return _signed(fields, signature, known.verifiers)

    def _age(self, known: _Known) -> float:
        return self._clock() - known.read_at


def _signed(fields: Fields, signature: str, verifiers: Sequence[str]) -> bool:
    """Every candidate is computed, whichever matches, so that timing tells nothing."""
    return any([verify(fields, signature, verifier) for verifier in verifiers])  # noqa: C419
