"""Leading tours through one lane, with the cases that wait for their stages."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType

from workers.prove.cases import Call, Case
from workers.prove.expense_tour import ExpenseTour
from workers.prove.invoice_tour import InvoiceTour
from workers.prove.lane import Lane
from workers.prove.tour import Tour, Watchtower

TOURS: Mapping[str, type[Tour]] = MappingProxyType({"invoice": InvoiceTour, "expense": ExpenseTour})

Judge = Callable[[Lane, str, int, list[str]], None]
"""Told the lane, what was tried there, how many cases that was, and what was found."""


class Waiting:
    """Cases that wait for a tour to come by. A stage takes one case of each system with it, or
    only a single one."""

    def __init__(self, cases: Iterable[Case], *, singly: bool) -> None:
        self._singly = singly
        self._cases: dict[tuple[str, str], dict[str, deque[Case]]] = defaultdict(dict)
        for case in cases:
            stage = self._cases[case.call.tour, case.call.stage]
            stage.setdefault("" if singly else case.call.system, deque()).append(case)

    def take(self, tour: str, stage: str) -> tuple[Case, ...]:
        """What is tried together when a tour comes by."""
        queues = self._cases[tour, stage].values()
        return tuple(queue.popleft() for queue in queues if queue)

    def any_at(self, tour: str, stages: Iterable[str]) -> bool:
        """Whether something waits at one of these stages."""
        return any(any(self._cases[tour, stage].values()) for stage in stages)

    def tour(self) -> str | None:
        """A kind of tour for which something waits."""
        return next((kind for kind in TOURS if self.any_at(kind, TOURS[kind].STAGES)), None)


@dataclass
class Guide:
    """One lane and the tour that is under way there. `position` is the stage that comes next."""

    tower: Watchtower
    lane: Lane
    waiting: Waiting
    judge: Judge
    numbers: count[int]
    kind: str = ""
    tour: Tour | None = None
    position: int = field(default=0)

    async def begin(self, kind: str) -> Tour:
        """Start a new tour."""
        self.kind, self.position = kind, 0
        self.tour = TOURS[kind](self.tower, self.lane, f"{self.lane.name}.{next(self.numbers)}")
        await self.tour.prepared()
        await self._ready()
        return self.tour

    async def until(self, call: Call) -> None:
        """Come as far as the beginning of the stage of a call; what waits on the way is tried."""
        stages = TOURS[call.tour].STAGES
        where = stages.index(call.stage)
        if self.tour is None or self.kind != call.tour or self.position > where:
            await self.begin(call.tour)
        while self.position < where:
            await self.stage(self.waiting.take(self.kind, stages[self.position]))

    async def finish(self) -> None:
        """Try everything that waits."""
        while kind := self._ahead() or self.waiting.tour():
            if not self._ahead():
                await self.begin(kind)
            while self._ahead():
                await self.stage(self.waiting.take(kind, TOURS[kind].STAGES[self.position]))

    async def stage(self, cases: Sequence[Case]) -> None:
        """The next stage, with faults."""
        await self.tower.house.disturb(*(case.planned(self.lane) for case in cases))
        await self.act()
        await self.rested(cases)

    async def act(self) -> None:
        """What a person does at the next stage."""
        assert self.tour is not None, "a stage belongs to a tour"
        await self.tour.act(self.tour.STAGES[self.position])
        self.position += 1

    async def rested(self, cases: Sequence[Case] = ()) -> None:
        """Wait for the end of the stage, and judge what was tried in it."""
        assert self.tour is not None, "a stage belongs to a tour"
        findings = await self.tour.rested()
        stage = self.tour.STAGES[self.position - 1]
        name = " with ".join(map(str, cases)) or f"undisturbed {stage}"
        if cases or findings:
            self.judge(self.lane, name, len(cases), findings)
        if findings:
            self.tour = None
        await self._ready()

    async def _ready(self) -> None:
        if self.tour is not None and self.position < len(self.tour.STAGES):
            await self.tour.ready(self.tour.STAGES[self.position])

    def _ahead(self) -> str:
        """The kind of the present tour, if something waits on the rest of its way."""
        if self.tour is None:
            return ""
        rest = TOURS[self.kind].STAGES[self.position :]
        return self.kind if self.waiting.any_at(self.kind, rest) else ""
