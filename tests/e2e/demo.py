"""The demo, as a newcomer starts it, and its house, which stays up until Ctrl-C."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.e2e.house import House
from workers import temporal
from workers.demo.house import LANES
from workers.dev.announcement import Announcement, announcement
from workers.dev.identity import HouseIdentity
from workers.dev.plan import HousePlan
from workers.dev.ports import Ports
from workers.dev.state import StateFolder
from workers.dev.templates import with_lanes
from workers.settings import load_settings

_TOLD = "Everything stays up; Ctrl-C ends it."


@asynccontextmanager
async def open_demo() -> AsyncIterator[tuple[House, str]]:
    """The house in which the demo told its stories, and what it printed. Ctrl-C ends it at the
    end, with the code that says whether all books tied."""
    script = Path(sys.executable).with_name("tieout")
    demo = await asyncio.create_subprocess_exec(
        sys.executable, str(script), "demo", stdout=asyncio.subprocess.PIPE
    )
    try:
        printed = await _printed(demo)
        state = Path(exported(printed, "TIEOUT_CONFIG")).parent
        settings, ready = load_settings(state / "tieout.yaml"), _announced(state)
        client = await temporal.connect(
            settings, address=ready.temporal, namespace=ready.namespace, interceptors=()
        )
        async with httpx.AsyncClient(timeout=30) as http:
            yield House(ready, demo, state, http, client, settings), printed
    finally:
        if demo.returncode is None:
            demo.send_signal(signal.SIGINT)
        code = await demo.wait()
    assert code == 0, printed


def exported(printed: str, name: str) -> str:
    """A variable of the line for another terminal."""
    found = re.search(rf'^export .*\b{name}="([^"]*)"', printed, re.MULTILINE)
    assert found, printed
    return found[1]


async def _printed(demo: asyncio.subprocess.Process) -> str:
    """What it prints until all stories are told."""
    assert demo.stdout is not None
    printed = ""
    while _TOLD not in printed:
        line = await demo.stdout.readline()
        assert line, f"the demo ended too soon:\n{printed}"
        printed += line.decode()
    return printed


def _announced(state: Path) -> Announcement:
    """What the house of a folder told whoever started it."""
    folder = StateFolder(state, lasting=True)
    ports = Ports.model_validate_json(folder.ports.read_bytes())
    identity = HouseIdentity.model_validate_json(folder.identity.read_bytes())
    settings = load_settings(folder.settings)
    return announcement(HousePlan(folder, ports, identity, with_lanes(LANES), settings, {}))
