"""One child process: how it is started, tells that it is ready, writes its log, and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workers.dev.logs import Log
from workers.refusal import Refusal

_TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True)
class Part:
    """A program that belongs to the house.

    `announces` says that it writes a byte to the file descriptor given with `--ready-fd` when it
    is ready; otherwise somebody else finds that out. `keeps_state` says whether it may be
    started again after it died: a part that kept everything in memory has lost it. `grace` is
    how many seconds it may take to end in order.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    announces: bool = True
    keeps_state: bool = True
    grace: float = 10.0


class PartDied(Refusal):
    """A part ended that we cannot do without, or never came up."""

    def __init__(self, name: str, code: int, last_lines: list[str]) -> None:
        how = (
            f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        )
        # Who is killed has no last words: the end of its log says nothing about why.
        shown = [] if code == -signal.SIGKILL else last_lines
        super().__init__("\n".join([f"{name} {how}", *(f"  {line}" for line in shown)]))
        self.exit_code = code


class Child:
    """A running part, in a process group of its own: Ctrl-C at the terminal reaches only us."""

    def __init__(
        self, part: Part, process: asyncio.subprocess.Process, ready: int | None, log: Log
    ) -> None:
        self.part = part
        self.pid = process.pid
        self._process = process
        self._ready = ready
        self._log = log

    @classmethod
    async def start(cls, part: Part, log: Log) -> Child:
        """Start it; raises Refusal when its program cannot be started."""
        reading, writing = os.pipe() if part.announces else (None, None)
        flag = () if writing is None else ("--ready-fd", str(writing))
        sink = await log.open()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_TETHER), str(os.getpid())),
                *part.command,
                *flag,
                env=dict(part.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                pass_fds=() if writing is None else (writing,),
                start_new_session=True,
            )
        finally:
            for handle in (sink, writing):
                if handle is not None:
                    os.close(handle)
        return cls(part, process, reading, log)

    async def ready(self) -> bool:
        """Wait for its word; False when it ended without. Only for a part that announces."""
        if self._ready is None:
            raise ValueError(f"{self.part.name} does not announce, or was asked twice")
        pipe, self._ready = os.fdopen(self._ready, "rb", 0), None
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            return await reader.read(1) != b""
        finally:
            transport.close()

    async def ended(self) -> PartDied:
        """Wait for its end, however it comes."""
        code = await self._process.wait()
        return PartDied(self.part.name, code, self._log.last_lines())

    async def stop(self) -> None:
        """Ask it to end, and end it when it does not within its grace."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), self.part.grace)
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it at once, with everything it started."""
        if self._process.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(number)
