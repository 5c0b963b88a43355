"""Running the matrix: tours through all stages, a fault in each, several lanes side by side."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
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
    each_death_once,
    each_fault_once,
    some_kills,
    steps_of,
)
from workers.prove.house import ProvingHouse, proving_house
from workers.prove.lane import Lane
from workers.prove.processes import process_findings
from workers.prove.tour import STAGES, Tour, Watchtower
from workers.prove.verdict import Verdict

NAV_LANES, AX_LANES = 7, 1
_AFTERMATH = 5.0
_KILL_AFTER = 4.0
_LISTEN = 0.05

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Which cases are made of the calls to a target and to the source on its behalf."""

    cases: Callable[[list[Call]], list[Case]]
    kills: Callable[[list[Call]], list[Case]]


_EVERYTHING = Choice(all_cases, all_kills)
_COVERING = {"nav": Choice(covering, some_kills), "ax": Choice(each_fault_once, each_death_once)}


async def prove_exhaustively(tell: Tell) -> Verdict:
    """Every fault at every call of every step, and a worker killed before, during and after every
    call that changes something, on both targets. Refusal when the house does not start."""
    return await _prove(dict.fromkeys(_COVERING, _EVERYTHING), tell)


async def prove_covering(tell: Tell) -> Verdict:
    """A part of it that any test run can afford. On NAV every call once, every fault at least once
    in every step, and a worker killed three times in every stage; on AX, where there is one lane
    only, every fault and every moment of death once."""
    return await _prove(_COVERING, tell)


async def _prove(choices: Mapping[str, Choice], tell: Tell) -> Verdict:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tieout-prove-") as folder:
        async with (
            proving_house(Path(folder), NAV_LANES, AX_LANES, repost=True) as house,
            open_store(house.settings) as store,
        ):
            matrix = Matrix(house, store, tell)
            calls = {target: await matrix.rehearse(target) for target in choices}
            await asyncio.gather(
                *(matrix.run(target, choices[target].cases(calls[target])) for target in choices)
            )
            kills = {target: choices[target].kills(calls[target]) for target in choices}
            await matrix.run_kills(kills)
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

    async def rehearse(self, target: str) -> list[Call]:
        """All calls of all stages. The first tour warms up what a worker reads once."""
        lane, systems = self._lanes(target)[0], ("freshbooks", target)
        await self._undisturbed(self._tour(lane))
        tour = self._tour(lane)
        await tour.prepared()
        calls: list[Call] = []
        for stage in STAGES:
            before = {system: len(await self._requests(tour, system)) for system in systems}
            await tour.act(stage)
            await tour.rested()
            name = process_id(tour.lane.name, Kind.INVOICE, str(tour.invoice))
            steps = await steps_of(self.house.client.get_workflow_handle(name))
            for system in systems:
                made = (await self._requests(tour, system))[before[system] :]
                calls += calls_of(stage, system, made, steps)
        self.tell(f"{len(calls)} calls in {len(STAGES)} stages on {target}")
        return calls

    async def run(self, target: str, cases: Sequence[Case]) -> None:
        """Carry out cases in the lanes of a target: tours take one of each stage until none is
        left."""
        waiting: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            waiting[case.call.stage].append(case)
        await asyncio.gather(*(self._tours(lane, waiting) for lane in self._lanes(target)))

    async def run_kills(self, cases: Mapping[str, Sequence[Case]]) -> None:
        """Carry out kills: one death serves a case in each lane of each target."""
        left = {target: deque(some) for target, some in cases.items()}
        while any(left.values()):
            wave = [
                (lane, left[target].popleft())
                for target in left
                for lane in self._lanes(target)[: len(left[target])]
            ]
            await self._kill_in_all(wave)
            self.verdict.kills += 1
            self.tell(f"{self.verdict.schedules} cases, {self.verdict.kills} workers killed")

    def _lanes(self, target: str) -> list[Lane]:
        return [lane for lane in self.house.lanes if lane.template.target == target]

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
