"""Keeps one part running: starts it again when it dies, and says so."""

from __future__ import annotations

import asyncio
import sys
import time

from workers.dev.logs import Log
from workers.dev.parts import Child, Part, PartDied

# A part that cannot say when it is ready counts as having come up after this many seconds.
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
            self.child = await Child.start(self.part, self._log)
            came_up, died = await self._watch(self.child)
            if not self.part.keeps_state or (died.exit_code >= 0 and not self.ready.is_set()):
                raise died
            await self._pause(came_up, died)

    async def stop(self) -> None:
        """End the child in order, if there is one."""
        if self.child is not None:
            await self.child.stop()

    def kill(self) -> None:
        """End the child at once, if there is one."""
        if self.child is not None:
            self.child.kill()

    async def _watch(self, child: Child) -> tuple[bool, PartDied]:
        """Whether it came up at all, and how it ended."""
        began = time.monotonic()
        came_up = self.part.announces and await child.ready()
        if came_up:
            self.ready.set()
        died = await child.ended()
        lived = time.monotonic() - began
        return came_up or (not self.part.announces and lived >= _SHORT_LIFE), died

    async def _pause(self, came_up: bool, died: PartDied) -> None:
        """At once after it had come up; longer and longer while it keeps dying in its start."""
        if came_up:
            self._delay = 0.0
        wait = f" in {self._delay:.1f} s" if self._delay else ""
        sys.stderr.write(f"{died}\n{self.part.name} is started again{wait}\n")
        sys.stderr.flush()
        await asyncio.sleep(self._delay)
        self._delay = min(_LONGEST_DELAY, self._delay * 2 or _FIRST_DELAY)
