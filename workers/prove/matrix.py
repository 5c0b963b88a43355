"""Running the matrix: tours through all stages, faults in each, several lanes side by side."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

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
from workers.prove.guide import TOURS, Guide, Waiting
from workers.prove.house import ProvingHouse, proving_house
from workers.prove.lane import Lane
from workers.prove.processes import process_findings
from workers.prove.tour import Tour, Watchtower
from workers.prove.verdict import Verdict

NAV_LANES, AX_LANES = 7, 1
TARGETS = ("nav", "ax")
_AFTERMATH = 5.0
_KILL_AFTER = 4.0
_LISTEN = 0.05

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Which cases are made of the calls of a tour."""

    cases: Callable[[list[Call]], list[Case]]
    kills: Callable[[list[Call]], list[Case]]


_EVERYTHING = Choice(all_cases, all_kills)
_EACH_ONCE = Choice(each_fault_once, each_death_once)
_COVERING = {("nav", "invoice"): Choice(covering, some_kills)}


async def prove_exhaustively(tell: Tell) -> Verdict:
    """Every fault at every call of every step, and a worker killed before, during and after every
    call that changes something, on both targets. Refusal when the house does not start."""
    return await _prove(lambda target, tour: _EVERYTHING, tell, singly=True)


async def prove_covering(tell: Tell) -> Verdict:
    """A part of it that any test run can afford, a fault at each side at once: for invoices on NAV
    every sort of fault in every step, and a worker killed three times in every stage; for all
    others every fault at each system and every moment of death once."""
    return await _prove(
        lambda target, tour: _COVERING.get((target, tour), _EACH_ONCE), tell, singly=False
    )


async def _prove(choice: Callable[[str, str], Choice], tell: Tell, *, singly: bool) -> Verdict:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tieout-prove-") as folder:
        async with (
            proving_house(Path(folder), NAV_LANES, AX_LANES, repost=True) as house,
            open_store(house.settings) as store,
        ):
            matrix = Matrix(house, store, tell)
            calls = await matrix.rehearse()
            choices = {place: choice(*place) for place in calls}
            cases = [(t, choices[t, tour].cases(calls[t, tour])) for t, tour in calls]
            kills = [(t, choices[t, tour].kills(calls[t, tour])) for t, tour in calls]
            guides = matrix.guides(_by_target(cases), singly=singly)
            await matrix.run_kills(guides, _by_target(kills))
            await asyncio.gather(*(each.finish() for some in guides.values() for each in some))
            await matrix.aftermath()
    matrix.verdict.seconds = time.monotonic() - started
    return matrix.verdict


def _by_target(found: Sequence[tuple[str, list[Case]]]) -> dict[str, list[Case]]:
    return {name: [case for t, some in found if t == name for case in some] for name in TARGETS}


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
        self._tours = count(1)

    async def rehearse(self) -> dict[tuple[str, str], list[Call]]:
        """All calls of all stages, by target and kind of tour. Every lane makes its first steps
        before: what a worker reads once must not be counted."""
        await asyncio.gather(*(self._warmed(lane) for lane in self.house.lanes))
        found = await asyncio.gather(*(self._rehearsed(target) for target in TARGETS))
        return {place: calls for each in found for place, calls in each.items()}

    async def _warmed(self, lane: Lane) -> None:
        is_rehearsed = lane in [self._lanes(target)[0] for target in TARGETS]
        for kind, tour in TOURS.items():
            guide = self._guide(lane, Waiting((), singly=True))
            await guide.begin(kind)
            for _ in tour.STAGES if is_rehearsed else tour.STAGES[:1]:
                await guide.stage(())

    async def _rehearsed(self, target: str) -> dict[tuple[str, str], list[Call]]:
        guide = self._guide(self._lanes(target)[0], Waiting((), singly=True))
        return {(target, kind): await self._calls(guide, kind, target) for kind in TOURS}

    async def _calls(self, guide: Guide, kind: str, target: str) -> list[Call]:
        tour, systems, calls = await guide.begin(kind), ("freshbooks", target), list[Call]()
        for stage in tour.STAGES:
            before = {system: len(await self._requests(tour, system)) for system in systems}
            await guide.stage(())
            steps = await steps_of(self.house.client.get_workflow_handle(tour.process()))
            for system in systems:
                made = (await self._requests(tour, system))[before[system] :]
                calls += calls_of(kind, stage, system, made, steps)
        self.tell(f"{kind}: {len(calls)} calls in {len(tour.STAGES)} stages on {target}")
        return calls

    def guides(self, cases: Mapping[str, list[Case]], *, singly: bool) -> dict[str, list[Guide]]:
        """A guide for each lane; the cases of a target are shared by its lanes."""
        waiting = {target: Waiting(cases[target], singly=singly) for target in TARGETS}
        return {t: [self._guide(each, waiting[t]) for each in self._lanes(t)] for t in TARGETS}

    async def run_kills(
        self, guides: Mapping[str, list[Guide]], cases: Mapping[str, Sequence[Case]]
    ) -> None:
        """Carry out kills: one death serves a case in each lane of each target."""
        left = {target: deque(some) for target, some in cases.items()}
        while any(left.values()):
            wave = [
                (guide, left[target].popleft())
                for target in left
                for guide in guides[target][: len(left[target])]
            ]
            await self._kill_in_all(wave)
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
        self.verdict.documents = next(self._tours) - 1

    def _lanes(self, target: str) -> list[Lane]:
        return [lane for lane in self.house.lanes if lane.template.target == target]

    def _guide(self, lane: Lane, waiting: Waiting) -> Guide:
        return Guide(self._tower, lane, waiting, self._judge, self._tours)

    def _judge(self, lane: Lane, name: str, cases: int, findings: list[str]) -> None:
        number = next(self._numbers)
        self.verdict.schedules += cases
        self.verdict.found(number, (f"{name}: {sentence}" for sentence in findings))
        self._tower.told |= {(lane.name, each) for each in findings}
        if number % 25 == 0:
            self.tell(f"{self.verdict.schedules} cases, {len(self.verdict.findings)} failed")

    async def _kill_in_all(self, wave: list[tuple[Guide, Case]]) -> None:
        await asyncio.gather(*(guide.until(case.call) for guide, case in wave))
        ids = await self.house.disturb(*(case.planned(guide.lane) for guide, case in wave))
        await asyncio.gather(*(guide.act() for guide, _ in wave))
        await self._until_hit(ids)
        await self.house.kill(0)
        await asyncio.gather(*(guide.rested([case]) for guide, case in wave))

    async def _until_hit(self, ids: list[str]) -> None:
        """Until the calls of all lanes hang, or the first of them may give up."""
        deadline = time.monotonic() + _KILL_AFTER
        while time.monotonic() < deadline:
            hits = {row["id"]: row["hits"] for row in await self.house.faults()}
            if all(hits[each] for each in ids):
                return
            await asyncio.sleep(_LISTEN)

    async def _requests(self, tour: Tour, system: str) -> list[dict[str, object]]:
        ours = re.compile(tour.lane.path(system))
        rows = await self.house.requests(system)
        return [row for row in rows if ours.fullmatch(str(row["path"]))]
