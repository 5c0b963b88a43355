"""Handing a person's decision to the process of the document."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

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
from documents.naming import PROCESSES, process_id
from documents.row import Action, Decision, approval_text, decision_text
from store.seal import Seal
from workflows.resolution import Resolution, ResolveRequest
from workflows.status import Status

_QUERY_SECONDS = 2.0


class NotDecided(Exception):
    """The process refused the decision, or there is none; the text says why."""


class TemporalAway(Exception):
    """Temporal or the worker did not answer in time; a decision may have been taken or not."""


@dataclass(frozen=True)
class Wish:
    """What a person who signed in wants done about a document."""

    connection: str
    kind: Kind
    source_id: str
    action: Action
    who: str
    why: str
    version: int | None = None
    number: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    update_id: str = ""


class Processes:
    """The processes of documents. `seconds` bounds a decision as a whole.

    Every decision is sealed, so that whoever carries it out knows that it came through here.
    """

    def __init__(self, client: Client, seal: Seal, seconds: float) -> None:
        self._client = client
        self._seal = seal
        self._seconds = seconds

    @staticmethod
    def has_own(kind: Kind) -> bool:
        """Whether documents of this kind have a process of their own."""
        return kind in PROCESSES

    async def status(self, connection: str, kind: Kind, source_id: str) -> Status | None:
        """What the open process of a document shows; None without one, or when it is silent."""
        if kind not in PROCESSES:
            return None
        try:
            async with asyncio.timeout(_QUERY_SECONDS):
                found: Status = await self._handle(connection, kind, source_id).query(
                    "status", result_type=Status, rpc_timeout=timedelta(seconds=_QUERY_SECONDS)
                )
        except (TimeoutError, RPCError, RuntimeError, WorkflowQueryFailedError):
            return None
        return found

    async def resolve(self, wish: Wish) -> Resolution:
        """Hand the decision over and wait until the process took or refused it.

        The same `update_id` again is the same decision. Raises NotDecided, TemporalAway.
        """
        sealed_at = datetime.now(UTC)
        request = ResolveRequest(
            action=wish.action,
            who=wish.who,
            why=wish.why,
            version=wish.version,
            number=wish.number,
            values=dict(wish.values),
            proof=await self._proof(wish, sealed_at),
            sealed_at=sealed_at,
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await self._update(wish, request)
        except WorkflowUpdateFailedError as error:
            raise NotDecided(_said(error)) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NotDecided("its process is not open: nothing waits for a decision") from error
            raise TemporalAway from error
        except (TimeoutError, RuntimeError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise TemporalAway from error

    async def _update(self, wish: Wish, request: ResolveRequest) -> Resolution:
        handle = self._handle(wish.connection, wish.kind, wish.source_id)
        taken: Resolution = await handle.execute_update(
            "resolve",
            request,
            id=wish.update_id or None,
            result_type=Resolution,
            rpc_timeout=timedelta(seconds=self._seconds),
        )
        return taken

    async def _proof(self, wish: Wish, sealed_at: datetime) -> str:
        """The seal of the decision, or of the approval of the one that was proposed."""
        about = (wish.connection, wish.kind.value, wish.source_id)
        if wish.action is not Action.APPROVE:
            decision = Decision(
                action=wish.action,
                who=wish.who,
                why=wish.why,
                at=sealed_at,
                number=wish.number,
                values=dict(wish.values),
                version=wish.version,
                sealed_at=sealed_at,
            )
            return self._seal.sign(decision_text(*about, decision))
        status = await self.status(wish.connection, wish.kind, wish.source_id)
        if status is None or status.proposal is None:
            raise NotDecided("there is nothing to approve: nobody proposed a decision")
        proposal = status.proposal
        if not self._seal.verify(decision_text(*about, proposal), proposal.proof):
            raise NotDecided("the proposal was not made by a person who had signed in")
        return self._seal.sign(approval_text(*about, proposal, wish.who))

    def _handle(
        self, connection: str, kind: Kind, source_id: str
    ) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(process_id(connection, kind, source_id))


def _said(error: WorkflowUpdateFailedError) -> str:
    """The process's own sentence; those of other failures were not written for callers."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "ResolveRefused":
        return str(cause.message)
    return "the process refused the decision"
