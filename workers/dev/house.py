"""The embedded house: its parts in the order in which they come up and go down."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workers.dev.announcement import Announcement, announcement
from workers.dev.keeper import Keeper
from workers.dev.logs import FileLog, TerminalLog
from workers.dev.parts import Part
from workers.dev.plan import HousePlan
from workers.dev.ports import LOOPBACK
from workers.dev.seed import register_webhooks, seed_vault
from workers.dev.surroundings import environment, own_command
from workers.dev.temporal import temporal_part, temporal_ready
from workers.opening import open_store
from workers.refusal import Refusal
from workflows.attributes import SEARCH_ATTRIBUTES

_START_UP = 60.0


class House:
    """What `tieout dev` starts. `verbose` copies what the parts write to our standard error."""

    def __init__(self, plan: HousePlan, temporal: Path, *, verbose: bool = False) -> None:
        self._plan = plan
        self._verbose = verbose
        self.temporal = self._keeper(
            temporal_part(
                temporal,
                plan.ports,
                plan.folder.temporal,
                SEARCH_ATTRIBUTES,
                plan.codec_endpoint,
            )
        )
        lasting = plan.folder.lasting
        self.sandbox = self._own("sandbox", plan.folder.sandbox, keeps_state=lasting)
        self.gateway = self._own("gateway", plan.folder.settings)
        self.worker = self._own("worker", plan.folder.settings)
        self.codec = self._own("codec", plan.folder.settings)

    async def run(self, tell: Callable[[Announcement], None]) -> None:
        """Start everything, tell where it is, keep it running until SIGINT, SIGTERM or SIGHUP.

        Raises Refusal when a part does not come up, or dies and cannot be started again. However
        it ends, nothing that was started is left running. A second Ctrl-C does not wait.
        """
        interrupted = self._listen()
        work = asyncio.create_task(self._work(tell))
        signalled = asyncio.create_task(interrupted.wait())
        try:
            await asyncio.wait((work, signalled), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, Refusal):
                await work
            signalled.cancel()
            await self._stop()

    async def _work(self, tell: Callable[[Announcement], None]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                await asyncio.wait_for(self._start(group), _START_UP)
                tell(announcement(self._plan))
        except BaseExceptionGroup as failures:
            raise self._told(_first(failures)) from failures

    async def _start(self, group: asyncio.TaskGroup) -> None:
        """Who needs nobody first; the store is made while they come up."""
        for keeper in (self.temporal, self.sandbox):
            group.create_task(keeper.keep())
        async with open_store(self._plan.settings) as store:
            await asyncio.gather(
                self._await_temporal(), self.sandbox.ready.wait(), seed_vault(self._plan, store)
            )
            ours = (self.gateway, self.worker, self.codec)
            for keeper in ours:
                group.create_task(keeper.keep())
            await asyncio.gather(*(keeper.ready.wait() for keeper in ours))
            await register_webhooks(self._plan, store)

    async def _await_temporal(self) -> None:
        await temporal_ready(f"{LOOPBACK}:{self._plan.ports.temporal}", SEARCH_ATTRIBUTES)
        self.temporal.ready.set()

    async def _stop(self) -> None:
        """Who depends on others first."""
        for keeper in (self.worker, self.gateway, self.codec, self.sandbox, self.temporal):
            await keeper.stop()

    def _listen(self) -> asyncio.Event:
        interrupted = asyncio.Event()

        def interrupt(number: signal.Signals) -> None:
            if interrupted.is_set() and number is signal.SIGINT:
                for keeper in self._keepers():
                    keeper.kill()
            interrupted.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, interrupt, number)
        return interrupted

    def _keepers(self) -> tuple[Keeper, ...]:
        return (self.temporal, self.sandbox, self.gateway, self.worker, self.codec)

    def _told(self, failure: BaseException) -> BaseException:
        if not isinstance(failure, TimeoutError):
            return failure
        missing = [each.part.name for each in self._keepers() if not each.ready.is_set()]
        return Refusal(
            f"not ready after {_START_UP:.0f} s: {', '.join(missing) or 'the webhooks'} missing"
        )

    def _own(self, name: str, config: Path, *, keeps_state: bool = True) -> Keeper:
        command = (*own_command(), name, "--config", str(config))
        surroundings = environment(name, os.environ, self._plan.ports)
        return self._keeper(Part(name, command, surroundings, keeps_state=keeps_state))

    def _keeper(self, part: Part) -> Keeper:
        log = TerminalLog(part.name) if self._verbose else FileLog(self._plan.folder.log(part.name))
        return Keeper(part, log)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that ended the others."""
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
