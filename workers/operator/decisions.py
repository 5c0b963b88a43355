"""Handing a person's decision to the process of the document."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from documents.key import Kind
from documents.naming import credit_note_id, order_to_cash_id
from workflows.resolution import Resolution, ResolveRequest
from workflows.status import Status

_IDS = {Kind.INVOICE: order_to_cash_id, Kind.CREDIT_NOTE: credit_note_id}
_QUERY_SECONDS = 2.0


class NotDecided(Exception):
    """The process refused the decision, or there is none; the text says why."""


class TemporalAway(Exception):
    """Temporal or the worker did not answer in time; a decision may have been taken or not."""


class Processes:
    """The processes of documents. `seconds` bounds a decision as a whole."""

    def __init__(self, client: Client, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    @staticmethod
    def has_own(kind: Kind) -> bool:
        """Whether documents of this kind have a process of their own."""
        return kind in _IDS

    async def status(self, connection: str, kind: Kind, source_id: str) -> Status | None:
        """What the open process of a document shows; None without one, or when it is silent."""
        if kind not in _IDS:
            return None
        try:
            async with asyncio.timeout(_QUERY_SECONDS):
                found: Status = await self._handle(connection, kind, source_id).query(
                    "status", result_type=Status, rpc_timeout=timedelta(seconds=_QUERY_SECONDS)
                )
        except (TimeoutError, RPCError, RuntimeError, WorkflowQueryFailedError):
            return None
        return found

    async def resolve(
        self, connection: str, kind: Kind, source_id: str, request: ResolveRequest, update_id: str
    ) -> Resolution:
        """Hand the decision over and wait until the process took or refused it.

        The same `update_id` again is the same decision. Raises NotDecided, TemporalAway.
        """
        handle = self._handle(connection, kind, source_id)
        try:
            async with asyncio.timeout(self._seconds):
                taken: Resolution = await handle.execute_update(
                    "resolve",
                    request,
                    id=update_id or None,
                    result_type=Resolution,
                    rpc_timeout=timedelta(seconds=self._seconds),
                )
        except WorkflowUpdateFailedError as error:
            raise NotDecided(_said(error)) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NotDecided("its process is not open: nothing waits for a decision") from error
            raise TemporalAway from error
        except (TimeoutError, RuntimeError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise TemporalAway from error
        return taken

    def _handle(
        self, connection: str, kind: Kind, source_id: str
    ) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(_IDS[kind](connection, source_id))


def _said(error: WorkflowUpdateFailedError) -> str:
    """The process's own sentence; those of other failures were not written for callers."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "ResolveRefused":
        return str(cause.message)
    return "the process refused the decision"
