"""Bills and expenses in one process: their real workflows on a Temporal server, their real steps,
both systems beside them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.bills.steps import BillActivities
from activities.expenses.steps import ExpenseActivities
from activities.interceptor import StepInterceptor
from activities.order_to_cash import OrderToCashActivities
from activities.signatures_bills import BillSteps
from activities.signatures_expenses import ExpenseSteps
from activities.telling import Messenger, Messengers
from documents.key import Kind
from documents.naming import WORKFLOW_TASK_QUEUE, process_id, task_queue
from documents.row import Action, Decision, DocumentRow, decision_text
from policies.bills.settings import BillPolicy
from policies.expenses.settings import ExpensePolicy, PersonLink
from policies.settings import OrderToCashPolicy
from tests.bookkeeper import Row
from tests.lives.site import Site
from workers.dev.expenses import expense_policy
from workers.worker import WORKFLOWS, steps_of, workflow_runner
from workflows.status import Status

TODAY = datetime.now(UTC).date()
_VENDOR = {
    "Gen_Bus_Posting_Group": "DOMESTIC",
    "VAT_Bus_Posting_Group": "DOMESTIC",
    "Vendor_Posting_Group": "VENDORS",
}


class NoPost:
    """Letters that nobody gets: the connection has no channel."""

    async def send(self, connection: str, person: PersonLink, subject: str, text: str) -> bool:
        return False


@dataclass
class PayablesDesk:
    """A company that owes, and its processes."""

    site: Site
    client: Client

    async def told(self, kind: Kind, source_id: int, stage: str, words: str = "") -> Status:
        """The process of a document is told to look again, until it is where it should be."""
        name = self.site.connection.name
        await Messenger(self.client, name, "freshbooks").tell(kind, str(source_id))
        handle: WorkflowHandle[Any, Any] = self.client.get_workflow_handle(
            process_id(name, kind, str(source_id))
        )
        for _ in range(400):
            status: Status = await handle.query("status", result_type=Status)
            if status.stage == stage and words in status.reason:
                return status
            await asyncio.sleep(0.05)
        raise AssertionError(f"not {stage} {words!r}: {status}")

    async def adopt(self, kind: Kind, source_id: int, number: str) -> None:
        """A person who signed in says which posting stands for a held document."""
        name, now = self.site.connection.name, datetime.now(UTC)
        decision = Decision(
            action=Action.ADOPT, who="Ada", why="it is this", at=now, number=number, sealed_at=now
        )
        text = decision_text(name, kind, str(source_id), decision)
        sealed = decision.model_copy(update={"proof": self.site.seal.sign(text)})
        fields = {"action", "who", "why", "number", "proof", "sealed_at"}
        handle: WorkflowHandle[Any, Any] = self.client.get_workflow_handle(
            process_id(name, kind, str(source_id))
        )
        await handle.execute_update("resolve", sealed.model_dump(mode="json", include=fields))

    async def shown(self, kind: Kind, source_id: int, attribute: str) -> list[str]:
        """What lists and alerts were shown of a process, one after the other."""
        name = process_id(self.site.connection.name, kind, str(source_id))
        history = await self.client.get_workflow_handle(name).fetch_history()
        shown = [
            event.upsert_workflow_search_attributes_event_attributes.search_attributes
            for event in history.events
            if event.HasField("upsert_workflow_search_attributes_event_attributes")
        ]
        return [json.loads(each.indexed_fields[attribute].data) for each in shown]

    async def owed(self) -> list[tuple[str, float]]:
        """What stands in the vendors' ledger: kind and amount."""
        rows: list[Row] = await self.site.books.rows("VendorLedgerEntries")
        return [(row["Document_Type"], row["Amount"]) for row in rows]

    async def row(self, kind: Kind, source_id: int) -> DocumentRow:
        documents = self.site.store.documents
        found = await documents.get(self.site.connection.name, kind, str(source_id))
        assert found is not None
        return found


@asynccontextmanager
async def open_payables(site: Site, client: Client) -> AsyncIterator[PayablesDesk]:
    """A new life with a vendor, an employee and the workers of its connection."""
    site.begin(OrderToCashPolicy())
    site.connection.bills = BillPolicy()
    site.connection.expenses = ExpensePolicy.model_validate(expense_policy())
    for number in ("V-PAPER", "V-OWEN"):
        await site.books.add("Vendors", No=number, Name=number, **_VENDOR)
    place, messengers = site.place, Messengers(lambda: client)
    steps = [
        *steps_of(BillSteps, BillActivities(place)),
        *steps_of(ExpenseSteps, ExpenseActivities(place, NoPost(), messengers)),
        OrderToCashActivities(place).discard_draft,
    ]
    interceptors = [StepInterceptor(place)]
    queues = (task_queue("freshbooks", site.connection.name), site.connection.target_queue)
    async with (
        Worker(
            client,
            task_queue=WORKFLOW_TASK_QUEUE,
            workflows=WORKFLOWS,
            workflow_runner=workflow_runner(),
        ),
        Worker(client, task_queue=queues[0], activities=steps, interceptors=interceptors),
        Worker(client, task_queue=queues[1], activities=steps, interceptors=interceptors),
    ):
        yield PayablesDesk(site, client)
