"""Answers of approvers, from whatever door: the link, the command line. The door recognised the
person; here the answer is sealed and handed to the expense's process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from documents.claim import kind_of
from documents.naming import LOOK_AGAIN, process_id
from documents.review import Answer, Verdict, verdict_text
from store.seal import Seal
from workflows.approval import Answered, Approval, VerdictRequest
from workflows.status import Status

_PATIENCE = timedelta(seconds=20)


class NotTaken(Exception):
    """The process did not take the answer; the text says why and may be shown."""


@dataclass(frozen=True)
class ExpenseView:
    """The process of an expense or claim as an approver sees it."""

    source_id: str
    status: Status
    approval: Approval


@dataclass(frozen=True)
class Answers:
    """The expenses and claims of one connection, seen and answered about, by the id of either."""

    client: Client
    seal: Seal
    connection: str

    async def view(self, source_id: str) -> ExpenseView | None:
        """What the process shows; None when there is none. Raises RPCError when Temporal or the
        worker does not answer."""
        handle = self._handle(source_id)
        try:
            status: Status = await handle.query("status", result_type=Status, rpc_timeout=_PATIENCE)
            approval: Approval = await handle.query(
                "approval", result_type=Approval, rpc_timeout=_PATIENCE
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return ExpenseView(source_id, status, approval)

    def _handle(self, source_id: str) -> WorkflowHandle[object, object]:
        name = process_id(self.connection, kind_of(source_id), source_id)
        return self.client.get_workflow_handle(name)

    async def look_again(self, source_id: str) -> None:
        """Tell the process to look again, without waiting for the sweep."""
        handle = self._handle(source_id)
        await handle.signal(LOOK_AGAIN)

    async def give(
        self,
        source_id: str,
        answer: Answer,
        who: str,
        version: str,
        comment: str = "",
        but: tuple[str, ...] = (),
    ) -> Answered:
        """Hand over what a recognised person said. NotTaken when it cannot count."""
        said = Verdict(
            answer=answer, who=who, version=version, at=datetime.now(UTC), comment=comment, but=but
        )
        proof = self.seal.sign(verdict_text(self.connection, source_id, said))
        request = VerdictRequest(who=who, version=version, comment=comment, proof=proof, but=but)
        handle = self._handle(source_id)
        try:
            taken: Answered = await handle.execute_update(
                answer.value, request, result_type=Answered, rpc_timeout=_PATIENCE
            )
        except WorkflowUpdateFailedError as error:
            # The validator's own sentence: written for the person who answered.
            raise NotTaken(str(getattr(error.cause, "message", error.cause))) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NotTaken("nothing waits for an approval any more") from error
            raise
        return taken
