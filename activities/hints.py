"""Following a hint: which documents does a change of another object concern?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from activities.context import Connection, Workplace
from activities.signatures import (
    Concerned,
    Contract,
    CreditNoteInput,
    HintInput,
    HintSteps,
    OrderToCashInput,
)
from connectors.errors import Rejected
from documents.key import Kind
from documents.naming import (
    CREDIT_NOTE,
    LOOK_AGAIN,
    ORDER_TO_CASH,
    WORKFLOW_TASK_QUEUE,
    credit_note_id,
    order_to_cash_id,
)

_PROCESSES = (Kind.INVOICE, Kind.CREDIT_NOTE)


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
        if request.kind == "credit_note":
            return Concerned(workflow_ids=(await self._tell_credit(request, request.object_id),))
        found = await self._documents(connection, request)
        return Concerned(workflow_ids=tuple([await self._tell(request, *one) for one in found]))

    async def _documents(
        self, connection: Connection, request: HintInput
    ) -> list[tuple[Kind, str]]:
        if request.kind == "client":
            documents = self.place.store.documents
            open_ones = await documents.concerned(connection.name, request.object_id)
            return [(row.kind, row.source_id) for row in open_ones if row.kind in _PROCESSES]
        return [(Kind.INVOICE, each) for each in await self._invoices(connection, request)]

    async def _invoices(self, connection: Connection, request: HintInput) -> list[str]:
        if request.kind != "payment":
            return []
        payment = await connection.source.payment(request.object_id)
        if payment:
            return [payment.invoice_id]
        row = await self.place.store.documents.get(connection.name, Kind.PAYMENT, request.object_id)
        return [row.parent_id] if row else []

    async def _confirm_callback(self, connection: Connection, callback_id: str) -> None:
        """Answer the handshake; only a verifier that the source accepts becomes a key."""
        callbacks = self.place.store.callbacks
        for pending in await callbacks.pending(connection.name, callback_id):
            if await _accepts(connection, callback_id, pending.verifier):
                await callbacks.activate(connection.name, callback_id, pending.verifier)
                return

    async def _tell(self, request: HintInput, kind: Kind, source_id: str) -> str:
        if kind is Kind.CREDIT_NOTE:
            return await self._tell_credit(request, source_id)
        start = OrderToCashInput(
            connection=request.connection, invoice_id=source_id, source=request.source
        )
        workflow_id = order_to_cash_id(request.connection, source_id)
        await self._signal(ORDER_TO_CASH, start, workflow_id)
        return workflow_id

    async def _tell_credit(self, request: HintInput, credit_id: str) -> str:
        start = CreditNoteInput(
            connection=request.connection, credit_id=credit_id, source=request.source
        )
        workflow_id = credit_note_id(request.connection, credit_id)
        await self._signal(CREDIT_NOTE, start, workflow_id)
        return workflow_id

    async def _signal(self, process: str, start: Contract, workflow_id: str) -> None:
        await self.client().start_workflow(
            process,
            start,
            id=workflow_id,
            task_queue=WORKFLOW_TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=LOOK_AGAIN,
        )


async def _accepts(connection: Connection, callback_id: str, verifier: str) -> bool:
    """Anybody can send a handshake: one that the source refuses says nothing of the next."""
    try:
        return await connection.source.confirm_callback(callback_id, verifier)
    except Rejected:
        return False
