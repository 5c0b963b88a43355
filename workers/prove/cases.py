"""The cases of the matrix: every fault at every call of every stage, and workers killed there.

Which calls there are is not written down here but found out: a tour is rehearsed undisturbed and
the stand-ins' own log says what was called, the process's history by which step.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from workers.prove.faults import Planned, faults_of, some_faults
from workers.prove.lane import Lane

KILLS = {"before": "hang_before", "during": "commit_late", "after": "hang_after"}
"""When a worker is killed, and what its call meets then: it never arrives, it is carried out when
the worker is dead already, it was carried out and nobody hears of it."""

_READS = ("GET", "HEAD")
_OF_A_HINT = "follow hint"
_SOURCE = "freshbooks"


@dataclass(frozen=True)
class Call:
    """The `index`th call of a system in a stage of a tour, and the step that makes it."""

    tour: str
    stage: str
    system: str
    index: int
    method: str
    path: str
    step: str

    @property
    def writes(self) -> bool:
        return self.method not in _READS

    def __str__(self) -> str:
        last = self.path.rstrip("/").rpartition("/")[2][:40]
        return f"{self.stage}/{self.step}/{self.system} {self.index + 1} {self.method} {last}"


@dataclass(frozen=True)
class Case:
    """A fault at a call; with `kill`, the worker dies when the call is there."""

    call: Call
    fault: str
    kill: str = ""

    def planned(self, lane: Lane) -> Planned:
        """What the stand-ins are told, right before the stage begins."""
        system = self.call.system
        return Planned(
            self.fault, system, lane.path(system), _methods(system), skip=self.call.index
        )

    def __str__(self) -> str:
        killed = f", worker killed {self.kill} it" if self.kill else ""
        return f"{self.fault} at {self.call}{killed}"


def all_cases(calls: Iterable[Call]) -> list[Case]:
    """Every fault at every call."""
    return [Case(call, fault) for call in calls for fault in faults_of(call.system)]


def all_kills(calls: Iterable[Call]) -> list[Case]:
    """A worker killed before, during and after every call that changes something."""
    writes = [call for call in calls if call.writes]
    return [Case(call, fault, kill) for call, (kill, fault) in product(writes, KILLS.items())]


def covering(calls: Sequence[Call]) -> list[Case]:
    """Every sort of fault in every step, and every fault in some; at calls that write, where a
    step makes any."""
    by_step: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in calls:
        by_step[call.step, call.system].append(call)
    spread, turns = _Spread(), Counter[str]()
    # Those with the least choice come first.
    for group in sorted(by_step.values(), key=lambda group: len({call.stage for call in group})):
        writing, system = [call for call in group if call.writes], group[0].system
        faults = some_faults(system, turns[system], writes=bool(writing))
        turns[system] += 1
        spread.over(writing or group, faults)
    return spread.cases


def each_fault_once(calls: Sequence[Call]) -> list[Case]:
    """Every fault once at each system."""
    spread = _Spread()
    for system in dict.fromkeys(call.system for call in calls):
        spread.over([call for call in calls if call.system == system], faults_of(system))
    return spread.cases


@dataclass
class _Spread:
    """Cases spread over the stages: a tour takes one of each system with it in each stage, and
    the fewer tours, the sooner everything is tried."""

    cases: list[Case] = field(default_factory=list)

    def over(self, calls: Sequence[Call], faults: Sequence[str]) -> None:
        """Each fault once, in the stage that has fewest of its system so far."""
        stages: dict[str, list[Call]] = defaultdict(list)
        for call in calls:
            stages[call.stage].append(call)
        for n, fault in enumerate(faults):
            group = min(stages.values(), key=self._load)
            self.cases.append(Case(group[n * len(group) // len(faults)], fault))

    def _load(self, group: list[Call]) -> int:
        place = (group[0].stage, group[0].system)
        return sum((case.call.stage, case.call.system) == place for case in self.cases)


def some_kills(calls: Iterable[Call]) -> list[Case]:
    """Each moment of death once in every stage, at its calls in turn."""
    by_stage: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.writes:
            by_stage[call.stage].append(call)
    return [
        Case(group[n * len(group) // len(KILLS)], fault, kill)
        for group in by_stage.values()
        for n, (kill, fault) in enumerate(KILLS.items())
    ]


def each_death_once(calls: Sequence[Call]) -> list[Case]:
    """Each moment of death once, at the calls that change something in the target in turn."""
    writes = [call for call in calls if call.writes and call.system != _SOURCE]
    return [
        Case(writes[n * len(writes) // len(KILLS)], fault, kill)
        for n, (kill, fault) in enumerate(KILLS.items())
    ]


@dataclass(frozen=True)
class StepSpan:
    """One step that a process carried out, from when to when."""

    name: str
    began: datetime
    ended: datetime


async def steps_of(handle: WorkflowHandle[Any, Any]) -> list[StepSpan]:
    """The steps that a process carried out, with their times."""
    scheduled: dict[int, str] = {}
    began: dict[int, datetime] = {}
    steps: list[StepSpan] = []
    async for event in handle.fetch_history_events():
        at = event.event_time.ToDatetime(UTC)
        if event.event_type is EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            kind = event.activity_task_scheduled_event_attributes.activity_type
            scheduled[event.event_id] = kind.name
        elif event.event_type is EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            began[event.activity_task_started_event_attributes.scheduled_event_id] = at
        elif event.event_type is EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            place = event.activity_task_completed_event_attributes.scheduled_event_id
            steps.append(StepSpan(scheduled[place], began[place], at))
    return steps


def calls_of(
    tour: str,
    stage: str,
    system: str,
    requests: Sequence[dict[str, Any]],
    steps: Sequence[StepSpan],
) -> list[Call]:
    """The calls of a stage with their steps. A person's own change is the first call of the
    source: it passes a fault like any other, and is no case."""
    counted = [row for row in requests if re.fullmatch(_methods(system), row["method"])]
    return [
        Call(tour, stage, system, index, row["method"], row["path"], _step_of(row, steps))
        for index, row in enumerate(counted)
        if system != _SOURCE or index or row["method"] == "GET"
    ]


def _methods(system: str) -> str:
    """Which calls are counted. What people make in FreshBooks is not ours to disturb: a second
    try of theirs would be a second document."""
    return "GET|PUT" if system == _SOURCE else ".*"


def _step_of(row: dict[str, Any], steps: Sequence[StepSpan]) -> str:
    at = datetime.fromisoformat(row["at"])
    inside = [step.name for step in steps if step.began <= at <= step.ended]
    return inside[0] if inside else _OF_A_HINT
