"""Answers of approvers, from whatever door: the link, the command line. The door recognised the
person; here the answer is sealed and handed to the expense's process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from documents.key import Kind
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
    """One expense's process as an approver sees it."""

    source_id: str
    status: Status
    approval: Approval


@dataclass(frozen=True)
class Answers:
    """The expenses of one connection, seen and answered about."""

    client: Client
    seal: Seal
    connection: str

    async def view(self, source_id: str) -> ExpenseView | None:
        """What the process shows; None when there is none. Raises RPCError when Temporal or the
        worker does not answer."""
        handle = self.client.get_workflow_handle(
            process_id(self.connection, Kind.EXPENSE, source_id)
        )
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
        return self.client.get_workflow_handle(process_id(self.connection, Kind.EXPENSE, source_id))

    async def look_again(self, source_id: str) -> None:
        """Tell the process to look again, without waiting for the sweep."""
        handle = self.client.get_workflow_handle(
            process_id(self.connection, Kind.EXPENSE, source_id)
        )
        await handle.signal(LOOK_AGAIN)

    async def give(
        self, source_id: str, answer: Answer, who: str, version: str, comment: str = ""
    ) -> Answered:
        """Hand over what a recognised person said. NotTaken when it cannot count."""
        said = Verdict(
            answer=answer, who=who, version=version, at=datetime.now(UTC), comment=comment
        )
        proof = self.seal.sign(verdict_text(self.connection, source_id, said))
        request = VerdictRequest(who=who, version=version, comment=comment, proof=proof)
        handle = self.client.get_workflow_handle(
            process_id(self.connection, Kind.EXPENSE, source_id)
        )
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
