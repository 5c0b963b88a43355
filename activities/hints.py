"""Following a hint: which documents does a change of another object concern?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from activities.context import Connection, Workplace
from activities.signatures import Concerned, HintInput, HintSteps, OrderToCashInput
from connectors.errors import Rejected
from documents.key import Kind
from documents.naming import LOOK_AGAIN, ORDER_TO_CASH, WORKFLOW_TASK_QUEUE, order_to_cash_id


@dataclass(frozen=True)
class HintActivities(HintSteps):
    """Finds the invoices a payment or a client concerns and tells each to look again."""

    place: Workplace
    client: Callable[[], Client]

    @activity.defn(name="follow hint")
    async def follow_hint(self, request: HintInput) -> Concerned:
        connection = self.place.connection(request.connection)
        if request.kind == "callback":
            await self._confirm_callback(connection, request.object_id)
            return Concerned(workflow_ids=())
        invoices = await self._invoices(connection, request)
        return Concerned(workflow_ids=tuple([await self._tell(request, i) for i in invoices]))

    async def _invoices(self, connection: Connection, request: HintInput) -> list[str]:
        documents = self.place.store.documents
        if request.kind == "client":
            found = await documents.concerned(connection.name, request.object_id)
            return [row.source_id for row in found if row.kind is Kind.INVOICE]
        if request.kind != "payment":
            return []
        payment = await connection.source.payment(request.object_id)
        if payment:
            return [payment.invoice_id]
        row = await documents.get(connection.name, Kind.PAYMENT, request.object_id)
        return [row.parent_id] if row else []

    async def _confirm_callback(self, connection: Connection, callback_id: str) -> None:
        """Answer the handshake; only a verifier that the source accepts becomes a key."""
        callbacks = self.place.store.callbacks
        for pending in await callbacks.pending(connection.name, callback_id):
            if await _accepts(connection, callback_id, pending.verifier):
                await callbacks.activate(connection.name, callback_id, pending.verifier)
                return

    async def _tell(self, request: HintInput, invoice_id: str) -> str:
        workflow_id = order_to_cash_id(request.connection, invoice_id)
        await self.client().start_workflow(
            ORDER_TO_CASH,
            OrderToCashInput(
                connection=request.connection, invoice_id=invoice_id, source=request.source
            ),
            id=workflow_id,
            task_queue=WORKFLOW_TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=LOOK_AGAIN,
        )
        return workflow_id


async def _accepts(connection: Connection, callback_id: str, verifier: str) -> bool:
    """Anybody can send a handshake: one that the source refuses says nothing of the next."""
    try:
        return await connection.source.confirm_callback(callback_id, verifier)
    except Rejected:
        return False
