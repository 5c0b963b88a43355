"""Whose call goes next: what somebody waits for before what is done in the background."""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import ContextVar

from connectors.limits import RateLimiter, TokenBucket, Unlimited

BACKGROUND: ContextVar[bool] = ContextVar("background", default=False)
"""True in a step of the lowest priority: a sweep, a backfill or a tie-out."""


class Gate:
    """Lets so many callers in at once, in the order in which they came, those of the background
    behind all others. Where there is more than one place, the background leaves one free, so that
    a posting need not wait for the end of a long page.

    `async with gate:` is a place for as long as the context lasts.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._spared = {False: 0, True: 1 if places > 1 else 0}
        self._waiting: dict[bool, deque[asyncio.Future[None]]] = {False: deque(), True: deque()}

    async def __aenter__(self) -> None:
        await self.enter()

    async def __aexit__(self, *_: object) -> None:
        self.leave()

    def enter_at_once(self) -> bool:
        """Take a place if one is free and nobody waits; whether it was taken."""
        taken = self._free > self._spared[BACKGROUND.get()] and not any(self._waiting.values())
        if taken:
            self._free -= 1
        return taken

    def leave(self) -> None:
        """Give the place to who is next."""
        self._free += 1
        self._admit()

    async def enter(self) -> None:
        """Take a place, waiting for one. Cancelling while waiting takes none."""
        if self.enter_at_once():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[BACKGROUND.get()].append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                # It was let in and given up in the same breath.
                self.leave()
            raise

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
        async with self._gate:
            await self._limiter.acquire()


def in_turn(limiter: RateLimiter | None, per_second: float | None) -> RateLimiter:
    """The limiter that was given, else one of our own at a rate; none at all without a rate."""
    if limiter is None and not per_second:
        return Unlimited()
    if isinstance(limiter, InTurn | Unlimited):
        return limiter
    return InTurn(limiter or TokenBucket(per_second or 0))
