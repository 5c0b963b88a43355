"""`tieout dev` as a whole: what it tells, what it survives, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path

import httpx

from tests.workers.dev_house import PARTS, TIEOUT, Dev, children, dev, listens, running, until

# What others rely on, in this order; more may stand between.
TOLD = [
    "temporal",
    "temporal_ui",
    "namespace",
    "gateway",
    "sandbox",
    "control",
    "connections",
]


async def test_one_line_tells_where_everything_is_and_everything_is_there() -> None:
    async with dev() as house:
        ready = house.ready
        assert [name for name in ready if name in TOLD] == TOLD
        assert list(ready["sandbox"]) == ["freshbooks", "nav", "ax"]
        assert list(house.source) == ["system", "account_id", "business_id", "access_token"]
        target = ready["connections"]["demo-nav"]["target"]
        assert target == {"system": "nav", "company": "CRONUS International Ltd."}
        assert ready["namespace"] == "default"
        names = ("temporal", "temporal_ui", "gateway", "codec", "control")
        addresses = [ready[name] for name in names]
        assert all(listens(each) for each in [*addresses, *ready["sandbox"].values()])
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{ready['gateway']}/ready")).json()["ready"] is True
            for system in ready["sandbox"]:
                assert (await http.get(f"{ready['control']}/journal/{system}")).json() == []
        parts = house.parts()
        assert parts.keys() == PARTS
        assert await house.end() == 0
        assert not [pid for pid in parts.values() if running(pid)]


def is_another(house: Dev, name: str, killed: int) -> bool:
    return house.parts().get(name, killed) != killed


async def test_a_part_that_is_killed_is_back_at_once() -> None:
    async with dev() as house:
        for name in ("worker", "gateway"):
            killed = house.parts()[name]
            os.kill(killed, signal.SIGKILL)
            await until(partial(is_another, house, name, killed))
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
