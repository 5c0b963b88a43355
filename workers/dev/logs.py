"""Where the parts write: a file each, or our own standard error with the part's name in front."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from pathlib import Path
from typing import Protocol

_SHOWN = 20


class Log(Protocol):
    """What a part writes to standard output and standard error."""

    async def open(self) -> int:
        """A file descriptor to write to; the caller closes it."""
        ...

    def last_lines(self) -> list[str]:
        """The end of what the present process wrote, for a person who asks why it died."""
        ...


class FileLog:
    """One file per part; the one of the run before is kept beside it as `.1.log`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.replace(path.with_suffix(".1.log"))

    async def open(self) -> int:
        """Append to the file, readable by its owner only."""
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._begin = os.fstat(handle).st_size
        return handle

    def last_lines(self) -> list[str]:
        """The last lines since it was opened."""
        with self._path.open("rb") as file:
            file.seek(self._begin)
            lines = deque(file, maxlen=_SHOWN)
        return [line.decode(errors="replace").rstrip() for line in lines]


class TerminalLog:
    """Everything goes to our standard error at once; nothing is left to show at the end."""

    def __init__(self, name: str) -> None:
        self._prefix = f"{name:>9} | ".encode()
        self._pumps: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """The writing end of a pipe whose lines are copied."""
        reading, writing = os.pipe()
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0)
        )
        pump = asyncio.create_task(self._pump(reader, transport))
        self._pumps.add(pump)
        pump.add_done_callback(self._pumps.discard)
        return writing

    def last_lines(self) -> list[str]:
        """Nothing: it was shown already."""
        return []

    async def _pump(self, reader: asyncio.StreamReader, transport: asyncio.ReadTransport) -> None:
        try:
            while chunk := await _line(reader):
                sys.stderr.buffer.write(self._prefix + chunk.rstrip(b"\n") + b"\n")
                sys.stderr.buffer.flush()
        finally:
            transport.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """One line, or as much of a very long one as the reader holds; empty at the end."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await reader.read(error.consumed)
