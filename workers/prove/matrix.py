"""Running the matrix: tours through all stages, a fault in each, several lanes side by side."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from documents.key import Kind
from documents.naming import process_id
from store.store import Store
from workers.account.report import account
from workers.connections import load_connections
from workers.opening import open_store
from workers.prove.cases import (
    Call,
    Case,
    all_cases,
    all_kills,
    calls_of,
    covering,
    some_kills,
    steps_of,
)
from workers.prove.house import ProvingHouse, proving_house
from workers.prove.lane import Lane
from workers.prove.processes import process_findings
from workers.prove.tour import STAGES, Tour, Watchtower
from workers.prove.verdict import Verdict

LANES = 8
_SYSTEMS = ("freshbooks", "nav")
_AFTERMATH = 5.0
_KILL_AFTER = 4.0
_LISTEN = 0.05

Tell = Callable[[str], None]


async def prove_exhaustively(tell: Tell) -> Verdict:
    """Every fault at every call of every step, and a worker killed before, during and after every
    call that changes something. Refusal when the house does not start."""
    return await _prove(all_cases, all_kills, tell)


async def prove_covering(tell: Tell) -> Verdict:
    """A part of it that any test run can afford: every call once, every fault at least once in
    every step, and a worker killed three times in every stage."""
    return await _prove(covering, some_kills, tell)


async def _prove(
    cases: Callable[[list[Call]], list[Case]],
    kills: Callable[[list[Call]], list[Case]],
    tell: Tell,
) -> Verdict:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tieout-prove-") as folder:
        async with (
            proving_house(Path(folder), LANES) as house,
            open_store(house.settings) as store,
        ):
            matrix = Matrix(house, store, tell)
            calls = await matrix.rehearse()
            await matrix.run(cases(calls))
            await matrix.run_kills(kills(calls))
            await matrix.aftermath()
    matrix.verdict.seconds = time.monotonic() - started
    return matrix.verdict


@dataclass
class Matrix:
    """Cases carried out in one house."""

    house: ProvingHouse
    store: Store
    tell: Tell
    verdict: Verdict = field(default_factory=Verdict)

    def __post_init__(self) -> None:
        self._tower = Watchtower(self.house, self.store)
        self._numbers = count(1)

    async def rehearse(self) -> list[Call]:
        """All calls of all stages. The first tour warms up what a worker reads once."""
        await self._undisturbed(self._tour(self.house.lanes[0]))
        tour = self._tour(self.house.lanes[0])
        await tour.prepared()
        calls: list[Call] = []
        for stage in STAGES:
            before = {system: len(await self._requests(tour, system)) for system in _SYSTEMS}
            await tour.act(stage)
            await tour.rested()
            name = process_id(tour.lane.name, Kind.INVOICE, str(tour.invoice))
            steps = await steps_of(self.house.client.get_workflow_handle(name))
            for system in _SYSTEMS:
                made = (await self._requests(tour, system))[before[system] :]
                calls += calls_of(stage, system, made, steps)
        self.tell(f"{len(calls)} calls in {len(STAGES)} stages")
        return calls

    async def run(self, cases: Sequence[Case]) -> None:
        """Carry out cases: tours take one of each stage until none is left."""
        waiting: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            waiting[case.call.stage].append(case)
        await asyncio.gather(*(self._tours(lane, waiting) for lane in self.house.lanes))

    async def run_kills(self, cases: Sequence[Case]) -> None:
        """Carry out kills: one death serves a case in each lane."""
        lanes = self.house.lanes
        for start in range(0, len(cases), len(lanes)):
            await self._kill_in_all(list(zip(lanes, cases[start:], strict=False)))
            self.verdict.kills += 1
            self.tell(f"{self.verdict.schedules} cases, {self.verdict.kills} workers killed")

    async def aftermath(self) -> None:
        """What comes to light only after everything."""
        connections = load_connections(self.house.settings.connections)
        await asyncio.sleep(_AFTERMATH)
        for lane in self.house.lanes:
            number = next(self._numbers)
            self.verdict.found(number, await self._tower.findings(lane))
            self.verdict.found(number, await process_findings(self.house.client, lane.name))
            accounted = await account(
                self.house.client, self.store, connections[lane.name], ask_source=True
            )
            self.verdict.found(number, accounted.findings)
        self.verdict.faults = sum(row["hits"] for row in await self.house.faults())

    async def _tours(self, lane: Lane, waiting: dict[str, list[Case]]) -> None:
        while any(waiting.values()):
            tour = self._tour(lane)
            await tour.prepared()
            for number, stage in enumerate(STAGES):
                if not any(waiting[each] for each in STAGES[number:]):
                    break
                case = waiting[stage].pop() if waiting[stage] else None
                await self._stage(tour, stage, case)

    async def _stage(self, tour: Tour, stage: str, case: Case | None) -> None:
        if case is not None:
            await self.house.disturb(case.planned(tour.lane))
        await tour.act(stage)
        findings = await tour.rested()
        if case is not None or findings:
            self._judge(str(case or f"undisturbed {stage}"), findings)

    def _judge(self, name: str, findings: list[str]) -> None:
        number = next(self._numbers)
        self.verdict.schedules += 1
        self.verdict.found(number, (f"{name}: {sentence}" for sentence in findings))
        if number % 25 == 0:
            self.tell(f"{self.verdict.schedules} cases, {len(self.verdict.findings)} failed")

    async def _kill_in_all(self, wave: list[tuple[Lane, Case]]) -> None:
        tours = await asyncio.gather(*(self._until(lane, case.call.stage) for lane, case in wave))
        ids = await self.house.disturb(*(case.planned(lane) for lane, case in wave))
        await asyncio.gather(
            *(tour.act(case.call.stage) for tour, (_, case) in zip(tours, wave, strict=True))
        )
        await self._until_hit(ids)
        await self.house.kill(0)
        rested = await asyncio.gather(*(tour.rested() for tour in tours))
        for findings, (_, case) in zip(rested, wave, strict=True):
            self._judge(str(case), findings)

    async def _until(self, lane: Lane, stage: str) -> Tour:
        """A tour that has come as far as the beginning of a stage."""
        tour = self._tour(lane)
        await tour.prepared()
        for before in STAGES[: STAGES.index(stage)]:
            await self._stage(tour, before, None)
        return tour

    async def _until_hit(self, ids: list[str]) -> None:
        """Until the calls of all lanes hang, or the first of them may give up."""
        deadline = time.monotonic() + _KILL_AFTER
        while time.monotonic() < deadline:
            hits = {row["id"]: row["hits"] for row in await self.house.faults()}
            if all(hits[each] for each in ids):
                return
            await asyncio.sleep(_LISTEN)

    async def _undisturbed(self, tour: Tour) -> None:
        await tour.prepared()
        for stage in STAGES:
            await self._stage(tour, stage, None)

    def _tour(self, lane: Lane) -> Tour:
        self.verdict.documents += 1
        return Tour(self._tower, lane, f"{lane.name}.{self.verdict.documents}")

    async def _requests(self, tour: Tour, system: str) -> list[dict[str, object]]:
        ours = re.compile(tour.lane.path(system))
        rows = await self.house.requests(system)
        return [row for row in rows if ours.fullmatch(str(row["path"]))]
