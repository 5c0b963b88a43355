"""A source of many pages, and the steps of a sweep over it, with a real store and client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import uuid4

from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.context import Connection, Workplace
from activities.errands import SweepInput, SweepRequest, Swept, Woken
from activities.sweep import SweepActivities
from activities.telling import Messengers
from connectors.errors import Unavailable
from connectors.ports import CallbackState, Changed, ChangedPage, SourcePort
from mapping.mapper import Mapper
from policies.settings import OrderToCashPolicy
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.contracts.ledger import Clock, Ledger
from tests.gateway.conftest import Starts

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class ManyPages:
    """The part of a `SourcePort` that a sweep needs: its listings, as long as wanted and held by
    nobody. It breaks off before the page `breaks_at`, once."""

    pages: int = 1
    per_page: int = 100
    breaks_at: int | None = None
    changed_at: datetime = NOON
    salt: str = ""
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
            target=Ledger(Clock()),
            target_queue=f"ledger.{self.name}",
            policy=OrderToCashPolicy(),
            load_mapper=no_mapper,
        )


async def no_mapper() -> Mapper:
    raise AssertionError("a sweep maps nothing")
