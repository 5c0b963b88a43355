"""`tieout dev` as a process of its own, for tests."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

TIEOUT = str(Path(sys.executable).with_name("tieout"))
PARTS = {"temporal", "sandbox", "gateway", "worker", "codec"}


class Dev:
    """A running `tieout dev`."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        self.process = process
        self.ready = ready
        self.source = ready["connections"]["demo-nav"]["source"]

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after a signal; it must have said nothing more on standard output."""
        self.process.send_signal(number)
        rest, _ = await asyncio.wait_for(self.process.communicate(), 60)
        assert rest == b""
        assert self.process.returncode is not None
        return self.process.returncode

    def parts(self) -> dict[str, int]:
        """The process ids of its children by the name of the part."""
        found = {}
        for pid in children(self.process.pid):
            words = command(pid)
            name = next((word for word in words if word in PARTS), Path(words[0]).name)
            found[name] = pid
        return found

    async def add_client(self, organization: str) -> None:
        await self._call("POST", json={"client": {"organization": organization}})

    async def clients(self) -> list[str]:
        found = await self._call("GET")
        return [each["organization"] for each in found["response"]["result"]["clients"]]

    async def _call(self, method: str, **arguments: Any) -> Any:
        account = self.source["account_id"]
        url = f"{self.ready['sandbox']['freshbooks']}/accounting/account/{account}/users/clients"
        headers = {"Authorization": f"Bearer {self.source['access_token']}"}
        async with httpx.AsyncClient(headers=headers) as http:
            response = await http.request(method, url, **arguments)
        response.raise_for_status()
        return response.json()


@asynccontextmanager
async def dev(*arguments: str) -> AsyncIterator[Dev]:
    """Start it and wait for its line; whatever happens, it does not outlive the block."""
    process = await asyncio.create_subprocess_exec(
        TIEOUT, "dev", "--json", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 90)
        yield Dev(process, json.loads(line))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")


def running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def listens(address: str) -> bool:
    parts = urlsplit(address if "//" in address else f"//{address}")
    assert parts.hostname == "127.0.0.1"
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port or 0)) == 0
