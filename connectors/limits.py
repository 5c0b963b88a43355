"""How fast one connection may call its system."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class RateLimiter(Protocol):
    """Lets one call pass at a time at an agreed rate.

    A limiter of one process is the token bucket below; one that all workers share keeps its
    bucket in our store and has the same single method.
    """

    async def acquire(self) -> None:
        """Wait until one more call is allowed. Cancelling while waiting uses nothing up."""
        ...


class TokenBucket:
    """At most `per_second` calls a second on average, `burst` of them at once after a pause."""

    def __init__(
        self, per_second: float, burst: int = 1, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if per_second <= 0 or burst < 1:
            raise ValueError("a rate limit needs a positive rate and a burst of at least one call")
        self._interval = 1 / per_second
        self._tolerance = (burst - 1) * self._interval
        self._clock = clock
        self._next = clock()
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Wait for the next free moment; callers pass in the order in which they came."""
        async with self._turn:
            wait = self._next - self._tolerance - self._clock()
            if wait > 0:
                await asyncio.sleep(wait)
            self._next = max(self._next, self._clock()) + self._interval


class Unlimited:
    """No limit of our own: the system's 429 answers are the limit."""

    async def acquire(self) -> None:
        return
