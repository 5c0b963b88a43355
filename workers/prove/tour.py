"""A tour: one document through every step there is, a stage at a time.

Each stage is one act of a person and everything that follows from it; the tour goes on when both
books agree again and nothing is under way.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import ClassVar

from temporalio.client import WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from store.store import Store
from workers.prove.books import Books
from workers.prove.holds import holds_of, not_meant
from workers.prove.house import ProvingHouse
from workers.prove.lane import Journals, Lane, Person

_PATIENCE = 120.0
_EVERY = 0.25
_FRESH = 0.1


@dataclass
class Watchtower:
    """What all lanes look at, fetched once for all of them. What was told of a lane is not told
    again: the next tour there is not to blame for it."""

    house: ProvingHouse
    store: Store
    told: set[tuple[str, str]] = field(default_factory=set)
    _seen: float = 0.0
    _journals: Journals | None = None
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def findings(self, lane: Lane) -> list[str]:
        """What is not as it must be in a lane at a moment after this call began."""
        journals = await self._since(time.monotonic())
        holds = await holds_of(self.store, lane.name)
        found = [*Books.of(journals.of(lane), holds).findings(), *not_meant(holds)]
        return [each for each in found if (lane.name, each) not in self.told]

    async def is_busy(self, workflow_id: str) -> bool:
        """Whether a process is doing something; one that has ended is not."""
        found = await self._described(workflow_id)
        if found is None:
            return False
        raw = found.raw_description
        return bool(raw.pending_activities) or raw.HasField("pending_workflow_task")

    async def exists(self, workflow_id: str) -> bool:
        """Whether a process was ever started."""
        return await self._described(workflow_id) is not None

    async def _described(self, workflow_id: str) -> WorkflowExecutionDescription | None:
        try:
            return await self.house.client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def _since(self, moment: float) -> Journals:
        async with self._fetching:
            if self._journals is None or self._seen < moment:
                # Others who ask meanwhile are served by the same look, if it began after them.
                await asyncio.sleep(_FRESH)
                self._seen = time.monotonic()
                self._journals = await self.house.journals()
            return self._journals


Act = Callable[[], Awaitable[None]]


@dataclass
class Tour(ABC):
    """One document of one lane on its way through the stages of its kind, in their order."""

    STAGES: ClassVar[tuple[str, ...]] = ()

    tower: Watchtower
    lane: Lane
    name: str

    @abstractmethod
    async def prepared(self) -> None:
        """Everything that is there before the first stage."""

    @abstractmethod
    async def ready(self, stage: str) -> None:
        """What must be there before a stage; nobody is disturbed meanwhile."""

    @abstractmethod
    def acts(self) -> Mapping[str, Act]:
        """What a person does at each stage."""

    @abstractmethod
    def process(self) -> str:
        """The process that the present stage is about."""

    @abstractmethod
    def hints(self) -> list[str]:
        """Processes that pass on what people just did; they end by themselves."""

    async def act(self, stage: str) -> None:
        """Do what belongs to a stage."""
        await self.acts()[stage]()

    async def rested(self) -> list[str]:
        """Wait until both books agree and nothing is under way; what still differs in the end."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            findings = await self.tower.findings(self.lane)
            if not findings and await self._is_quiet():
                return []
            if time.monotonic() > deadline:
                return findings or ["its process does not come to rest"]
            await asyncio.sleep(_EVERY)

    @property
    def person(self) -> Person:
        return self.tower.house.person(self.lane)

    async def _is_quiet(self) -> bool:
        """Whether the process waits for news, and no hint about it is being followed."""
        if not await self.tower.exists(self.process()):
            return False
        busy = [await self.tower.is_busy(each) for each in (self.process(), *self.hints())]
        return not any(busy)


def today() -> date:
    return datetime.now(UTC).date()
