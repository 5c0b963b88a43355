"""Telling processes to look again: one signal-with-start each, durable even without a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import (
    Priority,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.context import Connection
from activities.signatures import Contract, CreditNoteInput, HintInput, OrderToCashInput
from activities.signatures_bills import BillInput
from activities.signatures_breaks import PutRightInput
from activities.signatures_expenses import ClaimInput, ExpenseInput
from documents.key import Kind
from documents.naming import (
    CONNECTION_ATTRIBUTE,
    CREDIT_NOTE,
    EXPENSE_CLAIM,
    EXPENSE_REIMBURSEMENT,
    HINT,
    LOOK_AGAIN,
    ORDER_TO_CASH,
    PUT_RIGHT,
    VENDOR_BILL,
    WORKFLOW_TASK_QUEUE,
    hint_id,
    process_id,
    put_right_id,
)

LOWEST = Priority(priority_key=5)
"""Of sweeps and backfills, and of what they start: what happens now goes first."""

_AT_ONCE = 8
_CONNECTION = SearchAttributeKey.for_keyword(CONNECTION_ATTRIBUTE)
_STARTS: Mapping[Kind, tuple[str, type[Contract], str]] = {
    Kind.INVOICE: (ORDER_TO_CASH, OrderToCashInput, "invoice_id"),
    Kind.CREDIT_NOTE: (CREDIT_NOTE, CreditNoteInput, "credit_id"),
    Kind.EXPENSE: (EXPENSE_REIMBURSEMENT, ExpenseInput, "expense_id"),
    Kind.BILL: (VENDOR_BILL, BillInput, "bill_id"),
    Kind.EXPENSE_CLAIM: (EXPENSE_CLAIM, ClaimInput, "claim_id"),
}
"""Workflow type and input of the process of a document, and what the input calls its id."""


@dataclass(frozen=True)
class Messenger:
    """Tells the processes of one connection. `source` is the system their documents come from;
    `priority` is that of processes which are not running yet; `patience` bounds each call, which
    the client otherwise bounds by itself."""

    client: Client
    connection: str
    source: str
    priority: Priority = Priority.default
    patience: timedelta | None = None

    async def tell(self, kind: Kind, source_id: str) -> str:
        """Tell the process of a document to look again, start it if it is not running; returns
        its workflow id. ValueError for a kind that has no process of its own."""
        if kind not in _STARTS:
            raise ValueError(f"a {kind.value} has no process of its own")
        process, contract, id_field = _STARTS[kind]
        start = contract.model_validate(self._place | {id_field: source_id})
        return await self._signal(process, start, process_id(self.connection, kind, source_id))

    async def hint(self, kind: str, object_id: str) -> str:
        """Let the documents be found and told that another object concerns; returns the workflow
        id of that hint."""
        start = HintInput.model_validate(self._place | {"kind": kind, "object_id": object_id})
        return await self._signal(HINT, start, hint_id(self.connection, kind, object_id))

    @property
    def _place(self) -> dict[str, str]:
        return {"connection": self.connection, "source": self.source}

    async def put_right(self, period: str, match: str, queue: str) -> str:
        """Let the postings of a document be taken back that two people approved to take back;
        returns the workflow id. What is under way goes on."""
        workflow_id = put_right_id(self.connection, match)
        await self.client.start_workflow(
            PUT_RIGHT,
            PutRightInput(connection=self.connection, period=period, match=match, queue=queue),
            id=workflow_id,
            task_queue=WORKFLOW_TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=self._attributes,
            priority=self._turn,
        )
        return workflow_id

    @property
    def _turn(self) -> Priority:
        """Among equals the connections take turns: the traffic of one keeps no other waiting."""
        return replace(self.priority, fairness_key=self.connection)

    @property
    def _attributes(self) -> TypedSearchAttributes:
        return TypedSearchAttributes([SearchAttributePair(_CONNECTION, self.connection)])

    async def tell_all(self, documents: Iterable[tuple[Kind, str]]) -> list[str]:
        """Tell each document once, a few at a time; returns when all have acknowledged."""
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(kind: Kind, source_id: str) -> str:
            async with turn:
                return await self.tell(kind, source_id)

        return await asyncio.gather(*(one(*each) for each in sorted(set(documents))))

    async def _signal(self, process: str, start: Contract, workflow_id: str) -> str:
        await self.client.start_workflow(
            process,
            start,
            id=workflow_id,
            task_queue=WORKFLOW_TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=LOOK_AGAIN,
            # At the start an attribute costs nothing; an upsert is a billed action.
            search_attributes=self._attributes,
            priority=self._turn,
            rpc_timeout=self.patience,
        )
        return workflow_id


@dataclass(frozen=True)
class Messengers:
    """Makes the messenger of a connection, once there is a client."""

    client: Callable[[], Client]

    async def is_running(self, workflow_id: str) -> bool:
        """Whether a workflow of this id is open now."""
        try:
            found = await self.client().get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def tell(self, connection: Connection, kind: Kind, source_id: str) -> str:
        """Tell the process of a document to look again; returns its workflow id."""
        return await self.of(connection.name, connection.source.system).tell(kind, source_id)

    def of(self, connection: str, source: str, priority: Priority = Priority.default) -> Messenger:
        return Messenger(self.client(), connection, source, priority)
