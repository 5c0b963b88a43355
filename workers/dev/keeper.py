"""Keeps one part running: starts it again when it dies, and says so."""

from __future__ import annotations

import asyncio
import sys
import time

from workers.dev.logs import Log
from workers.dev.parts import Child, Part, PartDied

_SHORT_LIFE = 5.0
_FIRST_DELAY, _LONGEST_DELAY = 0.2, 10.0


class Keeper:
    """Runs one part until it is cancelled; the child is stopped by `stop`, in the house's order."""

    def __init__(self, part: Part, log: Log) -> None:
        self.part = part
        self.child: Child | None = None
        self.ready = asyncio.Event()
        self._log = log
        self._delay = 0.0

    async def keep(self) -> None:
        """Run the part for ever.

        Raises PartDied when it may not be started again: because what it kept in memory is lost,
        or because it gave up before it had ever been ready (a kill from outside is no such sign).
        """
        while True:
            began = time.monotonic()
            self.child = await Child.start(self.part, self._log)
            died = await self._watch(self.child)
            if not self.part.keeps_state or (died.exit_code >= 0 and not self.ready.is_set()):
                raise died
            await self._pause(died, time.monotonic() - began)

    async def stop(self) -> None:
        """End the child in order, if there is one."""
        if self.child is not None:
            await self.child.stop()

    def kill(self) -> None:
        """End the child at once, if there is one."""
        if self.child is not None:
            self.child.kill()

    async def _watch(self, child: Child) -> PartDied:
        if self.part.announces and await child.ready():
            self.ready.set()
        return await child.ended()

    async def _pause(self, died: PartDied, lived: float) -> None:
        """At once the first time; longer and longer while it keeps dying young."""
        if lived >= _SHORT_LIFE:
            self._delay = 0.0
        wait = f" in {self._delay:.1f} s" if self._delay else ""
        sys.stderr.write(f"{died}\n{self.part.name} is started again{wait}\n")
        sys.stderr.flush()
        await asyncio.sleep(self._delay)
        self._delay = min(_LONGEST_DELAY, self._delay * 2 or _FIRST_DELAY)
