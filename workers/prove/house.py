"""The house under proof: `tieout dev` with lanes, a second worker, and the power to disturb."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client, ScheduleOverlapPolicy

from documents.naming import sweep_id
from workers import temporal
from workers.dev.announcement import Announcement
from workers.dev.ports import Ports
from workers.dev.surroundings import environment, own_command, tethered
from workers.dev.templates import TEMPLATES, Template, with_lanes
from workers.prove.faults import Planned
from workers.prove.lane import Journals, Lane, Person
from workers.refusal import Refusal
from workers.settings import AppSettings, load_settings

_PEOPLE_WAIT = 5.0
_TARGETS = ("nav", "ax")


@dataclass
class ProvingHouse:
    """A running house seen from outside. `lanes` run side by side without meeting."""

    ready: Announcement
    settings: AppSettings
    folder: Path
    client: Client
    http: httpx.AsyncClient
    dev: asyncio.subprocess.Process
    lanes: tuple[Lane, ...]
    second: asyncio.subprocess.Process | None = None
    rounds: int = 0
    _people: dict[str, Person] = field(default_factory=dict)
    _ending: list[asyncio.subprocess.Process] = field(default_factory=list)

    def person(self, lane: Lane) -> Person:
        """Who works in the FreshBooks account of a lane."""
        if lane.name not in self._people:
            url = self.ready.sandbox["freshbooks"]
            self._people[lane.name] = Person(self.http, url, lane.source)
        return self._people[lane.name]

    async def journals(self) -> Journals:
        """What is committed on both sides now."""
        systems = ("freshbooks", *_TARGETS)
        source, *targets = await asyncio.gather(*(self._get(f"journal/{s}") for s in systems))
        return Journals(source, [row for rows in targets for row in rows])

    async def requests(self, system: str) -> list[dict[str, Any]]:
        """Every request a system has seen, oldest first."""
        return await self._get(f"requests/{system}")

    async def faults(self) -> list[dict[str, Any]]:
        """The planned faults with their hits."""
        return await self._get("faults")

    async def disturb(self, *planned: Planned) -> list[str]:
        """Plan faults; returns their ids."""
        return [(await self._post("faults", one.body()))["id"] for one in planned]

    async def calm(self) -> None:
        """No faults any more, and webhooks as they should be."""
        (await self.http.delete(f"{self.ready.control}/faults")).raise_for_status()
        await self.webhooks({})

    async def webhooks(self, behaviour: dict[str, Any]) -> None:
        """How deliveries misbehave from now on."""
        await self._post("webhooks", {"system": "freshbooks", **behaviour})

    async def sweep(self, lane: Lane) -> None:
        """Start the lane's sweep now, unless it runs."""
        handle = self.client.get_schedule_handle(sweep_id(lane.name))
        await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP)

    async def hold_sweeps(self) -> None:
        """Let the sweeps of the lanes run only when they are asked to: they are calls, too, and
        would make it uncertain which call a planned fault meets."""
        for lane in self.lanes:
            await self.client.get_schedule_handle(sweep_id(lane.name)).pause()

    async def kill(self, which: int) -> None:
        """SIGKILL one of the two workers (0: the house's own); it is started again at once."""
        if which and self.second is not None:
            self.second.kill()
            self._ending.append(self.second)
            await self.employ()
            return
        for pid in _children(self.dev.pid, b"worker"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def employ(self) -> None:
        """Start a second worker beside the house's own."""
        ports = Ports.model_validate_json((self.folder / "ports.json").read_bytes())
        config = str(self.folder / "tieout.yaml")
        log = (self.folder / "logs" / "second-worker.log").open("ab")
        with log:
            self.second = await asyncio.create_subprocess_exec(
                *tethered((*own_command(), "worker", "--config", config)),
                env=environment("second", os.environ, ports),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def end(self) -> None:
        """Stop everything that was started."""
        for process in (self.second, self.dev):
            if process is not None and process.returncode is None:
                process.terminate()
        for process in (*self._ending, self.second, self.dev):
            if process is not None:
                await process.wait()

    async def _get(self, path: str) -> list[dict[str, Any]]:
        response = await self.http.get(f"{self.ready.control}/{path}")
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()
        return found

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = await self.http.post(f"{self.ready.control}/{path}", json=body)
        if response.is_client_error:
            raise Refusal(f"the stand-ins refuse {path}: {response.json().get('error')}")
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found


@asynccontextmanager
async def proving_house(
    folder: Path,
    lanes: int,
    ax_lanes: int = 0,
    *,
    second_worker: bool = False,
    repost: bool = False,
) -> AsyncIterator[ProvingHouse]:
    """Start a house in a folder and stop it at the end; with `repost` every lane posts edits
    again. Refusal when it does not start."""
    command = (*own_command(), "dev", "--json", "--passing", "--state", str(folder))
    command = (*command, "--lanes", str(lanes), "--ax-lanes", str(ax_lanes))
    command = (*command, *(["--repost"] if repost else []))
    with (folder / "dev.log").open("wb") as log:
        dev = await asyncio.create_subprocess_exec(
            *tethered(command), stdout=asyncio.subprocess.PIPE, stderr=log
        )
    # Dropped sooner than the stand-ins drop it: a person's POST must not meet a closed connection.
    limits = httpx.Limits(keepalive_expiry=1.0)
    async with httpx.AsyncClient(timeout=_PEOPLE_WAIT, limits=limits) as http:
        house = await _moved_in(folder, with_lanes(lanes, ax_lanes, repost=repost), dev, http)
        try:
            await house.hold_sweeps()
            if second_worker:
                await house.employ()
            yield house
        finally:
            await house.end()


async def _moved_in(
    folder: Path,
    templates: Sequence[Template],
    dev: asyncio.subprocess.Process,
    http: httpx.AsyncClient,
) -> ProvingHouse:
    assert dev.stdout is not None, "its standard output was asked for"
    line = await dev.stdout.readline()
    if not line:
        await dev.wait()
        raise Refusal(f"the house did not start: {(folder / 'dev.log').read_text().strip()}")
    ready = Announcement.model_validate_json(line)
    settings = load_settings(folder / "tieout.yaml")
    client = await temporal.connect(
        settings, address=ready.temporal, namespace=ready.namespace, interceptors=()
    )
    lanes = templates[len(TEMPLATES) :]
    made = tuple(Lane(each, ready.connections[each.name].source) for each in lanes)
    return ProvingHouse(ready, settings, folder, client, http, dev, made)


def _children(parent: int, word: bytes) -> Iterable[int]:
    """Children of a process that have a word in their command line (Linux only: elsewhere the
    house's own worker is left alone and only the second one is killed)."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if above == parent and word in (folder / "cmdline").read_bytes().split(b"\0"):
                yield int(folder.name)
