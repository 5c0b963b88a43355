"""A source of many pages, and the steps of a sweep over it, with a real store and client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import uuid4

from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.context import Connection, Workplace
from activities.errands import SweepInput, SweepRequest, SweepResult, Swept, Woken
from activities.sweep import SweepActivities
from activities.telling import Messengers
from connectors.errors import Unavailable
from connectors.ports import CallbackState, Changed, ChangedPage, SourcePort, TargetPort
from documents.naming import sweep_id, task_queue
from mapping.mapper import Mapper
from policies.settings import OrderToCashPolicy
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.contracts.ledger import Clock, Ledger
from tests.gateway.conftest import Starts
from workers.worker import workflow_runner
from workflows.sweep import Sweep

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class ManyPages:
    """The part of a `SourcePort` that a sweep needs: its listings, as long as wanted and held by
    nobody. It breaks off before the page `breaks_at`, once; the listing `closed` is forbidden."""

    pages: int = 1
    per_page: int = 100
    breaks_at: int | None = None
    changed_at: datetime = NOON
    salt: str = ""
    closed: str = ""
    system: str = "paper"
    asked: list[tuple[str, datetime, str]] = field(default_factory=list)
    given: list[int] = field(default_factory=list)

    def rows(self, kind: str, page: int) -> Iterator[Changed]:
        for number in range(page * self.per_page, (page + 1) * self.per_page):
            own = str(1_000_001 + number)
            document = str(5_000_001 + number // 2) if kind == "payment" else own
            yield Changed(kind, own, document, self.changed_at, version=f"v{self.salt}{number}")

    async def changes(
        self, kind: str, since: datetime, after: str = ""
    ) -> AsyncIterator[ChangedPage]:
        self.asked.append((kind, since, after))
        if kind == self.closed:
            raise ApplicationError("no scope for it", type="forbidden", non_retryable=True)
        for page in range(int(after or 0), self.pages):
            if page == self.breaks_at:
                self.breaks_at = None
                raise Unavailable("paper", "list changes", "torn")
            self.given.append(page)
            following = str(page + 1) if page + 1 < self.pages else ""
            yield ChangedPage(tuple(self.rows(kind, page)), following)

    async def dated(self, kind: str, since: date, after: str = "") -> AsyncIterator[ChangedPage]:
        async for page in self.changes(kind, NOON, after):
            yield page

    async def callbacks(self) -> list[CallbackState]:
        return []


@dataclass
class Broom:
    """A sweep step in the hands of a worker: what it told, and the heartbeats it left."""

    store: Store
    client: Client
    source: object
    now: datetime = NOON
    name: str = field(default_factory=lambda: f"broom-{uuid4().hex[:8]}")
    starts: Starts = field(default_factory=Starts)
    beats: list[Any] = field(default_factory=list)
    target: TargetPort = field(default_factory=lambda: Ledger(Clock()))

    @property
    def told(self) -> list[str]:
        """The workflow ids that were told, without the connection."""
        return sorted(identity.replace(f"/{self.name}/", " ") for identity in self.starts.ids)

    async def sweep(self, kind: str = "invoice") -> Swept:
        """One attempt of the step, which goes on from what the attempt before left."""
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, heartbeat_details=self.beats[-1:])
        environment.on_heartbeat = lambda *details: self.beats.extend(details)
        request = SweepRequest(connection=self.name, source="paper", kind=kind)
        swept: Swept = await environment.run(self._steps().sweep_changes, request)
        self.beats.clear()
        return swept

    async def wake(self) -> Woken:
        request = SweepInput(connection=self.name, source="paper", target="ledger")
        woken: Woken = await ActivityEnvironment().run(self._steps().wake_what_waits, request)
        return woken

    async def round(self) -> SweepResult:
        """A whole sweep, carried out by a worker of its own."""
        steps, request = self._steps(), SweepInput(connection=self.name, source="paper")
        acts: list[Callable[..., object]] = [
            steps.sweep_changes,
            steps.check_webhooks,
            steps.wake_what_waits,
        ]
        async with AsyncExitStack() as stack:
            for queue in (task_queue("paper", self.name), task_queue("nav", self.name)):
                worker = Worker(
                    self.client,
                    task_queue=queue,
                    activities=acts,
                    workflows=[Sweep],
                    workflow_runner=workflow_runner(),
                )
                await stack.enter_async_context(worker)
            found: SweepResult = await self.client.execute_workflow(
                Sweep.run, request, id=sweep_id(self.name), task_queue=queue
            )
        return found

    def _steps(self) -> SweepActivities:
        place = Workplace(
            connections={self.name: self._connection()},
            store=self.store,
            seal=Seal(KeyRing.generate()),
            now=lambda: self.now,
        )
        config = self.client.config()
        config["interceptors"] = [self.starts]
        client = Client(**config)
        return SweepActivities(place, Messengers(lambda: client))

    def _connection(self) -> Connection:
        return Connection(
            name=self.name,
            tag="B",
            source=cast(SourcePort, self.source),  # a sweep reads listings only
            target=self.target,
            target_queue=f"ledger.{self.name}",
            policy=OrderToCashPolicy(),
            load_mapper=no_mapper,
        )


async def no_mapper() -> Mapper:
    raise AssertionError("a sweep maps nothing")
