"""Watching the processes as an engineer would: through Temporal."""

from __future__ import annotations

import asyncio
from collections import Counter

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from documents.key import Kind
from documents.naming import ORDER_TO_CASH, process_id
from workers.refusal import Refusal
from workflows.status import Status

_PATIENCE_SECONDS = 60.0
_EVERY_SECONDS = 0.1


class Watch:
    """The processes of one connection: of order to cash, or of another kind of document."""

    def __init__(self, client: Client, connection: str, kind: Kind = Kind.INVOICE) -> None:
        self._client = client
        self._kind = kind
        self.connection = connection

    async def wait(self, invoice: int, stage: str) -> None:
        """Until the process of an invoice is at a stage. Refusal when it never gets there."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while (await self.stage(invoice)) != stage:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(_EVERY_SECONDS)
        except TimeoutError:
            now = await self.stage(invoice)
            what = f"{self._kind.value} {invoice}"
            raise Refusal(f"{what} should be {stage} by now, it is {now}") from None

    async def stage(self, invoice: int) -> str:
        """The stage an invoice's process shows; `none` before it was started."""
        status = await self.status(invoice)
        return status.stage if status else "none"

    async def status(self, invoice: int) -> Status | None:
        """What the process of an invoice answers; None before it was started."""
        handle = self._client.get_workflow_handle(
            process_id(self.connection, self._kind, str(invoice))
        )
        try:
            found: Status = await handle.query("status", result_type=Status)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return found

    async def reason(self, invoice: int, cause: str) -> str:
        """Why an invoice is held. Refusal when it is not held for this cause."""
        status = await self.status(invoice)
        hold = status.hold if status else None
        if hold is None or hold.cause != cause:
            raise Refusal(f"invoice {invoice} should be held for {cause}, it is not: {hold}")
        return hold.reason

    async def number(self, invoice: int) -> str:
        """The target's number of an invoice as its process shows it."""
        status = await self.status(invoice)
        return status.target_number if status else ""

    async def counts(self) -> Counter[str]:
        """Processes by stage, as the list in the Web UI shows them."""
        query = f"WorkflowType = '{ORDER_TO_CASH}' AND TieoutConnection = '{self.connection}'"
        found = await self._client.count_workflows(f"{query} GROUP BY ExecutionStatus")
        return Counter({str(g.group_values[0]).lower(): g.count for g in found.groups})
