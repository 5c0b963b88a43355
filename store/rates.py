"""One rate limit for all processes: calls are leased in batches from a shared bucket."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.clock import MICROS, now_micros
from store.engine import Database
from store.tables import rates
from store.upsert import upsert

BATCH_SECONDS = 0.25
"""How much of the rate one process may lease at once: at most four transactions a second each,
and no burst beyond a quarter of the rate after a pause."""

_c = rates.c


class Rates:
    """Shared token buckets, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(
        self, name: str, per_second: float, want: int, burst: int | None = None
    ) -> tuple[int, float]:
        """Lease up to `want` calls to be made now: how many were granted, and, when none were,
        after how many seconds one will be.

        `burst` is how many may be granted at once after a pause; by default a quarter of a
        second's worth, at least one. What is leased and not used is lost. ValueError for a rate
        or a number that is not positive.
        """
        if per_second <= 0 or want < 1:
            raise ValueError("a reservation needs a positive rate and at least one call")
        size = burst or max(1, int(per_second * BATCH_SECONDS))
        bucket = _Bucket(MICROS / per_second, size)

        async def work(connection: AsyncConnection) -> tuple[int, float]:
            now, horizon = await self._read(connection, name)
            granted, horizon = bucket.take(now, horizon, want)
            if not granted:
                return 0, bucket.wait(now, horizon)
            statement = update(rates).where(_c.name == name).values(horizon_micros=horizon)
            await connection.execute(statement)
            return granted, 0.0

        return await self._database.write(work)

    def limiter(self, name: str, per_second: float, burst: int | None = None) -> RateLease:
        """A limiter of one process that takes its calls from the shared bucket."""
        return RateLease(self, name, per_second, burst)

    async def _read(self, connection: AsyncConnection, name: str) -> tuple[int, int]:
        first = upsert(self._database, rates).values(name=name, horizon_micros=0)
        await connection.execute(first.on_conflict_do_nothing(index_elements=[_c.name]))
        # Locked in PostgreSQL; in SQLite the whole transaction is alone already.
        query = select(_c.horizon_micros, now_micros(self._database)).where(_c.name == name)
        horizon, now = (await connection.execute(query.with_for_update())).one()
        return int(now), int(horizon)


@dataclass(frozen=True)
class _Bucket:
    """Arithmetic of the bucket, in microseconds: `horizon` is when all leased calls are over at
    the agreed rate; it may run ahead of the clock by `size` calls."""

    interval: float
    size: int

    def take(self, now: int, horizon: int, want: int) -> tuple[int, int]:
        # Never further ahead than a full bucket: a clock set back must not stop us for long.
        start = min(max(horizon, now), now + math.ceil(self.size * self.interval))
        free = int((now + self.size * self.interval - start) / self.interval + 1e-9)
        granted = max(0, min(want, free))
        return granted, start + math.ceil(granted * self.interval)

    def wait(self, now: int, horizon: int) -> float:
        ahead = horizon - now - (self.size - 1) * self.interval
        return max(ahead, 1.0) / MICROS


class RateLease:
    """Lets calls pass at a rate that all processes share; callers pass in order of asking."""

    def __init__(self, rates: Rates, name: str, per_second: float, burst: int | None) -> None:
        self._rates = rates
        self._name = name
        self._per_second = per_second
        self._burst = burst
        self._left = 0
        self._good_until = 0.0
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Wait until one more call is allowed. Cancelling while waiting uses nothing up."""
        async with self._turn:
            loop = asyncio.get_running_loop()
            while self._left < 1 or loop.time() > self._good_until:
                self._left, wait = await self._rates.reserve(
                    self._name, self._per_second, self._batch(), self._burst
                )
                self._good_until = loop.time() + BATCH_SECONDS
                if not self._left:
                    await asyncio.sleep(wait)
            self._left -= 1

    def _batch(self) -> int:
        return max(1, int(self._per_second * BATCH_SECONDS))
