"""A tour: one invoice through every step there is, a stage at a time.

Each stage is one act of a person and everything that follows from it; the tour goes on when both
books agree again and nothing is under way.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from documents.key import Kind
from documents.naming import hint_id, process_id
from store.store import Store
from workers.demo.people import Line
from workers.prove.books import Books
from workers.prove.holds import holds_of, not_meant
from workers.prove.house import ProvingHouse
from workers.prove.lane import Journals, Lane, Person

_PATIENCE = 120.0
_EVERY = 0.15
_FRESH = 0.1
_LINES = [Line("Advice", "2", "50.00", (("HST", "13"),)), Line("Travel", "1", "20.00")]
_OTHER_LINES = [Line("Advice", "3", "50.00", (("HST", "13"),)), Line("Travel", "1", "20.00")]
_PART, _CURRENCY = Decimal("40.00"), "USD"

STAGES = (
    "send",
    "pay",
    "pay before the invoice",
    "edit",
    "delete the payment",
    "delete the early payment",
    "void",
)
"""In this order."""


class Watchtower:
    """What all lanes look at, fetched once for all of them."""

    def __init__(self, house: ProvingHouse, store: Store) -> None:
        self.house = house
        self._store = store
        self._seen = 0.0
        self._journals: Journals | None = None
        self._fetching = asyncio.Lock()

    async def findings(self, lane: Lane) -> list[str]:
        """What is not as it must be in a lane at a moment after this call began."""
        journals = await self._since(time.monotonic())
        holds = await holds_of(self._store, lane.name)
        return [*Books.of(journals.of(lane), holds).findings(), *not_meant(holds)]

    async def _since(self, moment: float) -> Journals:
        async with self._fetching:
            if self._journals is None or self._seen < moment:
                # Others who ask meanwhile are served by the same look, if it began after them.
                await asyncio.sleep(_FRESH)
                self._seen = time.monotonic()
                self._journals = await self.house.journals()
            return self._journals


@dataclass
class Tour:
    """One invoice of one lane on its way through the stages."""

    tower: Watchtower
    lane: Lane
    name: str
    invoice: int = 0
    payment: int = 0
    early: int = 0

    async def prepared(self) -> None:
        """A client that is new to the target, and a draft."""
        client = await self._person.add_client(f"Tourist {self.name}", f"{self.name}@tour.example")
        self.invoice = await self._person.write_invoice(client, _CURRENCY, _today(), _LINES)
        await self.rested()

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

    async def act(self, stage: str) -> None:
        """What a person does at a stage."""
        acts = (
            self._send, self._pay, self._pay_early, self._edit, self._delete,
            self._delete_early, self._void,
        )  # fmt: skip
        await acts[STAGES.index(stage)]()

    @property
    def _person(self) -> Person:
        return self.tower.house.person(self.lane)

    async def _send(self) -> None:
        await self._person.send_invoice(self.invoice)

    async def _pay(self) -> None:
        self.payment = await self._person.enter_payment(self.invoice, _PART, _CURRENCY, _today())

    async def _pay_early(self) -> None:
        day = _today() - timedelta(days=2)
        self.early = await self._person.enter_payment(self.invoice, _PART, _CURRENCY, day)

    async def _edit(self) -> None:
        """Posted, partly paid, and changed: reversed and posted again with its payments."""
        await self._person.change_lines(self.invoice, _CURRENCY, _OTHER_LINES)

    async def _delete(self) -> None:
        await self._person.delete_payment(self.payment)

    async def _delete_early(self) -> None:
        await self._person.delete_payment(self.early)

    async def _void(self) -> None:
        await self._person.void_invoice(self.invoice)

    async def _is_quiet(self) -> bool:
        """Whether the invoice's process waits for news, and no hint about it is being followed."""
        client, lane = self.tower.house.client, self.lane.name
        handle = client.get_workflow_handle(process_id(lane, Kind.INVOICE, str(self.invoice)))
        try:
            found = await handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        raw = found.raw_description
        if raw.pending_activities or raw.HasField("pending_workflow_task"):
            return False
        payments = [hint_id(lane, "payment", str(each)) for each in (self.payment, self.early)]
        return not [one for one in payments if await self._runs(one)]

    async def _runs(self, workflow_id: str) -> bool:
        try:
            found = await self.tower.house.client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING


def _today() -> date:
    return datetime.now(UTC).date()
