"""What the steps of a connection work with, built once per process by the workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from time import monotonic

from activities import webhooks
from activities.rates import Rates
from connectors.errors import Misconfigured
from connectors.ports import SourcePort, TargetPort
from documents.key import Key, Kind
from mapping.mapper import Mapper
from policies.bills.settings import BillPolicy
from policies.expenses.settings import ExpensePolicy
from policies.settings import OrderToCashPolicy
from policies.tieout.settings import TieOutPolicy
from store.seal import Seal
from store.store import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


async def _never(_: date) -> bool:
    return False


@dataclass
class Connection:
    """One integration pair with its two ports, its mapping and its policy. `webhook_uri` is where
    the source shall deliver its events; empty when nobody can reach us. `expenses` and
    `bills` are None where those are not handled; `approval_url` is where signed links lead, empty
    as above.

    `rates` are what the target's own are compared with in a tie-out.
    `is_signed_off` says whether a day lies in a period that two people signed off here.

    The mapping is checked against the target's own schema, so it is loaded at the first use:
    a worker starts while a target is away. It is loaded again when one of its files changed.
    """

    name: str
    tag: str
    source: SourcePort
    target: TargetPort
    target_queue: str
    policy: OrderToCashPolicy
    load_mapper: Callable[[], Awaitable[Mapper]]
    webhook_uri: str = ""
    expenses: ExpensePolicy | None = None
    bills: BillPolicy | None = None
    approval_url: str = ""
    tie_out: TieOutPolicy = field(default_factory=TieOutPolicy)
    rates: Rates | None = None
    is_signed_off: Callable[[date], Awaitable[bool]] = _never
    _mapper: Mapper | None = None
    _forgotten: float = 0.0
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def mapper(self) -> Mapper:
        """The mapping as its files are now. Misconfigured when they cannot be loaded."""
        async with self._loading:
            if self._mapper is None or not self._mapper.is_current:
                self._mapper = await self.load_mapper()
            return self._mapper

    async def refresh(self, met: float) -> None:
        """Read the target's descriptions, and the mapping that is checked against them, anew at
        their next use: somebody may have corrected the set-up since. Once for all who `met` it
        (a moment of `time.monotonic`) before they were forgotten last."""
        async with self._loading:
            if met < self._forgotten:
                return
            await self.target.refresh()
            self._mapper, self._forgotten = None, monotonic()

    @property
    def events(self) -> tuple[str, ...]:
        """The webhook events that this connection lives on."""
        return webhooks.events_of(expenses=self.expenses is not None, bills=self.bills is not None)

    def key(self, kind: Kind, source_id: str, generation: int = 1) -> Key:
        return Key(tag=self.tag, kind=kind, source_id=source_id, generation=generation)


@dataclass(frozen=True)
class Workplace:
    """Everything a step may reach: the connections, the store, and the clock (aware UTC)."""

    connections: Mapping[str, Connection]
    store: Store
    seal: Seal
    now: Callable[[], datetime] = utc_now

    def connection(self, name: str) -> Connection:
        """The connection of that name. Misconfigured when this worker does not know it."""
        if name not in self.connections:
            known = ", ".join(sorted(self.connections)) or "none"
            raise Misconfigured("tieout", "connection", f"unknown connection, known: {known}")
        return self.connections[name]
