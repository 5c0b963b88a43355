"""Leases: one holder at a time among all processes, and never for ever.

A holder that dies loses its lease when it expires. A holder that is only slow is stopped: its
work is cancelled when the lease could not be renewed, before somebody else may start.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete, or_, select, update

from store.clock import MICROS, now_micros
from store.engine import Database
from store.errors import LeaseHeld, LeaseLost, StoreError
from store.tables import leases
from store.upsert import upsert

POLL_SECONDS = 0.05
TTL_SECONDS = 30.0
_LOG = logging.getLogger("tieout.store")
_c = leases.c


@dataclass
class _Held:
    """A lease in our hands; after `until` (monotonic) it may be somebody else's."""

    name: str
    holder: str
    ttl: float
    until: float = 0.0
    lost: bool = False
    ended: bool = False


class Leases:
    """Named leases. Within a process they are granted in the order of asking; between processes
    to whoever asks first after the release, every 50 ms."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns: dict[str, asyncio.Lock] = {}

    async def acquire(self, name: str, holder: str, ttl: float = TTL_SECONDS) -> bool:
        """Take a lease that is free, expired or this holder's own already, for `ttl` seconds.
        False when somebody else has it."""
        now = now_micros(self._database)
        values = {"name": name, "holder": holder, "expires_micros": now + int(ttl * MICROS)}
        statement = upsert(self._database, leases).values(values)
        statement = statement.on_conflict_do_update(
            index_elements=[_c.name],
            set_={"holder": holder, "expires_micros": now + int(ttl * MICROS)},
            where=or_(_c.expires_micros <= now, _c.holder == holder),
        )
        return await self._database.changed(statement.returning(_c.name)) is not None

    async def renew(self, name: str, holder: str, ttl: float = TTL_SECONDS) -> bool:
        """Keep a lease for `ttl` seconds from now. False when it is not this holder's any more."""
        now = now_micros(self._database)
        statement = (
            update(leases)
            .where(_c.name == name, _c.holder == holder, _c.expires_micros > now)
            .values(expires_micros=now + int(ttl * MICROS))
        )
        return bool(await self._database.change(statement))

    async def release(self, name: str, holder: str) -> bool:
        """Give a lease back. False when it is not this holder's any more."""
        statement = delete(leases).where(_c.name == name, _c.holder == holder)
        return bool(await self._database.change(statement))

    @asynccontextmanager
    async def hold(
        self, name: str, ttl: float = TTL_SECONDS, patience: float | None = None
    ) -> AsyncIterator[str]:
        """Wait for a lease, renew it in the background, give it back at the end.

        Yields the holder's id. LeaseHeld when it was not free within `patience` seconds (None
        waits for ever). When it cannot be renewed in time, the body is cancelled and LeaseLost is
        raised in its place.
        """
        turn = self._turns.setdefault(name, asyncio.Lock())
        held = _Held(name, uuid4().hex, ttl)
        try:
            async with asyncio.timeout(patience):
                await turn.acquire()
                await self._obtain(held, turn)
        except TimeoutError:
            raise LeaseHeld(name) from None
        try:
            async with self._renewed(held):
                yield held.holder
        finally:
            turn.release()

    async def _obtain(self, held: _Held, turn: asyncio.Lock) -> None:
        try:
            while True:
                if await self._try(held):
                    return
                await asyncio.sleep(POLL_SECONDS)
        except BaseException:
            turn.release()
            # Given up while the database may have granted it.
            await self.release(held.name, held.holder)
            raise

    async def _try(self, held: _Held) -> bool:
        """A read first: it is cheaper than a write that changes nothing."""
        free = _c.expires_micros <= now_micros(self._database)
        found = await self._database.row(select(free).where(_c.name == held.name))
        if found is not None and not found[0]:
            return False
        held.until = time.monotonic() + held.ttl
        return await self.acquire(held.name, held.holder, held.ttl)

    @asynccontextmanager
    async def _renewed(self, held: _Held) -> AsyncIterator[None]:
        worker = asyncio.current_task()
        before = worker.cancelling() if worker else 0
        renewal = asyncio.create_task(self._keep(held, worker))
        try:
            yield
        except asyncio.CancelledError:
            if held.lost and worker and worker.uncancel() <= before:
                raise LeaseLost(held.name) from None
            raise
        finally:
            held.ended = True
            renewal.cancel()
            await asyncio.wait([renewal])
            await self.release(held.name, held.holder)

    async def _keep(self, held: _Held, worker: asyncio.Task[object] | None) -> None:
        while time.monotonic() < held.until:
            await asyncio.sleep(held.ttl / 3)
            asked = time.monotonic()
            try:
                if not await self.renew(held.name, held.holder, held.ttl):
                    break
                held.until = asked + held.ttl
            except StoreError as error:
                _LOG.warning("lease not renewed", extra={"lease": held.name}, exc_info=error)
        # Once the body has ended, a cancellation would hit whatever its task does next.
        if worker is not None and not held.ended:
            held.lost = True
            worker.cancel()
