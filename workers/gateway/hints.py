"""Hints travel by signal-with-start: one call, durable even when no worker runs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.signatures import HintInput, OrderToCashInput
from activities.signatures_bills import BillInput
from activities.signatures_expenses import ExpenseInput
from documents.key import Kind
from documents.naming import (
    LOOK_AGAIN,
    WORKFLOW_TASK_QUEUE,
    hint_id,
    process_id,
)
from workers.gateway.events import Concern, Process
from workflows.attributes import CONNECTION

CALLBACK = "callback"
"""The kind of hint that tells a worker to confirm a webhook registration."""


class TemporalAway(Exception):
    """Temporal did not take the hint in time: the sender must try again."""


class Hints:
    """Tells the processes of a source to look again. `seconds` bounds each call as a whole."""

    def __init__(self, client: Client, source: str, seconds: float) -> None:
        self._client = client
        self._source = source
        self._seconds = seconds

    async def send(self, connection: str, concern: Concern, object_id: str) -> None:
        """One signal-with-start; raises TemporalAway when it was not acknowledged in time."""
        if concern.process is Process.ORDER_TO_CASH:
            identity = process_id(connection, Kind.INVOICE, object_id)
            request: BaseModel = OrderToCashInput(
                connection=connection, invoice_id=object_id, source=self._source
            )
        elif concern.process is Process.EXPENSE_REIMBURSEMENT:
            identity = process_id(connection, Kind.EXPENSE, object_id)
            request = ExpenseInput(connection=connection, expense_id=object_id, source=self._source)
        elif concern.process is Process.VENDOR_BILL:
            identity = process_id(connection, Kind.BILL, object_id)
            request = BillInput(connection=connection, bill_id=object_id, source=self._source)
        else:
            identity = hint_id(connection, concern.kind, object_id)
            request = HintInput(
                connection=connection, kind=concern.kind, object_id=object_id, source=self._source
            )
        await self._signal(concern.process, identity, connection, request)

    async def _signal(
        self, process: Process, identity: str, connection: str, request: BaseModel
    ) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._client.start_workflow(
                    process.value,
                    request,
                    id=identity,
                    task_queue=WORKFLOW_TASK_QUEUE,
                    start_signal=LOOK_AGAIN,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    # At the start an attribute costs nothing; an upsert is a billed action.
                    search_attributes=TypedSearchAttributes(
                        [SearchAttributePair(CONNECTION, connection)]
                    ),
                    rpc_timeout=timedelta(seconds=self._seconds),
                )
        except (TimeoutError, ConnectionError) as error:
            raise TemporalAway(f"no answer within {self._seconds:g} s") from error
        except RPCError as error:
            # Whatever the reason, the hint was not taken: the sender must keep it.
            raise TemporalAway(error.status.name) from error
        except RuntimeError as error:
            # What the SDK raises while a lazy client cannot connect.
            raise TemporalAway("not connected") from error
