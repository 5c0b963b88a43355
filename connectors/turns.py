"""Whose call goes next: what somebody waits for before what is done in the background."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from connectors.limits import RateLimiter

BACKGROUND: ContextVar[bool] = ContextVar("background", default=False)
"""True in a step of the lowest priority: a sweep, a backfill or a tie-out."""


class Gate:
    """Lets so many callers in at once, in the order in which they came, those of the background
    behind all others. Where there is more than one place, the background leaves one free, so that
    a posting need not wait for the end of a long page."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._spared = {False: 0, True: 1 if places > 1 else 0}
        self._waiting: dict[bool, deque[asyncio.Future[None]]] = {False: deque(), True: deque()}

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for as long as the context lasts."""
        await self._enter(behind=BACKGROUND.get())
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, *, behind: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[behind].append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                # It was let in and given up in the same breath.
                self._leave()
            raise

    def _leave(self) -> None:
        self._free += 1
        self._admit()

    def _admit(self) -> None:
        for behind, waiting in self._waiting.items():
            while waiting and self._free > self._spared[behind]:
                turn = waiting.popleft()
                if not turn.cancelled():
                    turn.set_result(None)
                    self._free -= 1
            if waiting:
                return


class InTurn:
    """A rate limit of which the background gets what others leave."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._gate = Gate(1)

    async def acquire(self) -> None:
        """Wait until one more call is allowed. Cancelling while waiting uses nothing up."""
        async with self._gate.place():
            await self._limiter.acquire()
