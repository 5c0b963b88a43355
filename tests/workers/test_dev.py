"""`tieout dev` as a whole: what it tells, what it survives, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
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
import pytest

TIEOUT = str(Path(sys.executable).with_name("tieout"))
PARTS = {"temporal", "sandbox", "gateway", "worker"}


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


async def test_one_line_tells_where_everything_is_and_everything_is_there() -> None:
    async with dev() as house:
        ready = house.ready
        assert list(ready) == [
            "temporal",
            "temporal_ui",
            "namespace",
            "gateway",
            "sandbox",
            "control",
            "connections",
        ]
        assert list(ready["sandbox"]) == ["freshbooks", "nav"]
        assert list(house.source) == ["system", "account_id", "business_id", "access_token"]
        target = ready["connections"]["demo-nav"]["target"]
        assert target == {"system": "nav", "company": "CRONUS International Ltd."}
        assert ready["namespace"] == "default"
        addresses = [ready["temporal"], ready["temporal_ui"], ready["gateway"], ready["control"]]
        assert all(listens(each) for each in [*addresses, *ready["sandbox"].values()])
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{ready['gateway']}/ready")).json()["ready"] is True
            for system in ready["sandbox"]:
                assert (await http.get(f"{ready['control']}/journal/{system}")).json() == []
        parts = house.parts()
        assert parts.keys() == PARTS
        assert await house.end() == 0
        assert not [pid for pid in parts.values() if running(pid)]


@pytest.mark.parametrize("name", ["worker", "gateway"])
async def test_a_part_that_is_killed_is_back_at_once(name: str) -> None:
    async with dev() as house:
        killed = house.parts()[name]
        os.kill(killed, signal.SIGKILL)
        await until(lambda: house.parts().get(name, killed) != killed)
        if name == "gateway":
            await until(lambda: listens(house.ready["gateway"]))
        assert await house.end(signal.SIGINT) == 0


async def test_without_a_state_folder_the_loss_of_the_books_ends_it_with_an_error() -> None:
    async with dev() as house:
        parts = house.parts()
        os.kill(parts["sandbox"], signal.SIGKILL)
        assert await asyncio.wait_for(house.process.wait(), 60) == 1
        assert not [pid for pid in parts.values() if running(pid)]


async def test_a_power_cut_loses_nothing_and_the_same_ports_come_back(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    async with dev("--state", str(tmp_path)) as house:
        before, parts = house.ready, house.parts()
        await house.add_client("Northwind")
        house.process.kill()
        await until(lambda: not [pid for pid in parts.values() if running(pid)])
    async with dev("--state", str(tmp_path)) as house:
        assert house.ready == before
        assert await house.clients() == ["Northwind"]
        assert await house.end() == 0
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


async def test_it_can_be_interrupted_while_it_starts(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        TIEOUT, "dev", "--json", "--state", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    await until(lambda: bool(children(process.pid)))
    parts = children(process.pid)
    process.terminate()
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, output) == (0, b"")
    assert not [pid for pid in parts if running(pid)]
