"""Following a hint: which documents does a change of another object concern?"""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.context import Connection, Workplace
from activities.signatures import Concerned, HintInput, HintSteps
from activities.telling import Messenger, Messengers
from connectors.errors import Rejected
from documents.key import Kind
from documents.naming import PROCESSES


@dataclass(frozen=True)
class HintActivities(HintSteps):
    """Finds the invoices a payment or a client concerns and tells each to look again."""

    place: Workplace
    messengers: Messengers

    @activity.defn(name="follow hint")
    async def follow_hint(self, request: HintInput) -> Concerned:
        connection = self.place.connection(request.connection)
        if request.kind == "callback":
            await self._confirm_callback(connection, request.object_id)
            return Concerned(workflow_ids=())
        messenger = self.messengers.of(request.connection, request.source)
        if request.kind == "payment":
            return Concerned(workflow_ids=await self._payment(connection, messenger, request))
        found = await self._documents(connection, request)
        return Concerned(workflow_ids=tuple(await messenger.tell_all(found)))

    async def _documents(
        self, connection: Connection, request: HintInput
    ) -> list[tuple[Kind, str]]:
        if request.kind == "credit_note":
            return [(Kind.CREDIT_NOTE, request.object_id)]
        if request.kind != "client":
            return []
        documents = self.place.store.documents
        open_ones = await documents.concerned(connection.name, request.object_id)
        return [(row.kind, row.source_id) for row in open_ones if row.kind in PROCESSES]

    async def _payment(
        self, connection: Connection, messenger: Messenger, request: HintInput
    ) -> tuple[str, ...]:
        """Tell the invoice of a payment; then the sweep need not tell it again."""
        store, payment_id = self.place.store, request.object_id
        payment = await connection.source.payment(payment_id)
        if payment is None:
            row = await store.documents.get(connection.name, Kind.PAYMENT, payment_id)
            invoices = [row.parent_id] if row else []
        else:
            invoices = [payment.invoice_id]
        told = await messenger.tell_all((Kind.INVOICE, each) for each in invoices if each)
        if payment:
            await store.sightings.looked(connection.name, "payment", payment_id, payment.version)
        return tuple(told)

    async def _confirm_callback(self, connection: Connection, callback_id: str) -> None:
        """Answer the handshake; only a verifier that the source accepts becomes a key."""
        callbacks = self.place.store.callbacks
        for pending in await callbacks.pending(connection.name, callback_id):
            if await _accepts(connection, callback_id, pending.verifier):
                await callbacks.activate(connection.name, callback_id, pending.verifier)
                return


async def _accepts(connection: Connection, callback_id: str, verifier: str) -> bool:
    """Anybody can send a handshake: one that the source refuses says nothing of the next."""
    try:
        return await connection.source.confirm_callback(callback_id, verifier)
    except Rejected:
        return False
