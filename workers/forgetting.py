"""Deleting the histories of a forgotten client's documents from Temporal."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from documents.key import Kind
from documents.naming import PROCESSES, hint_id, process_id
from store.forgetting import KeptDocument


def workflow_ids(connection: str, client: str, documents: Sequence[KeptDocument]) -> list[str]:
    """The processes whose histories tell of a client or of their documents, hints included."""
    own = [
        process_id(connection, Kind(each.kind), each.source_id)
        for each in documents
        if each.kind in PROCESSES
    ]
    hints = [hint_id(connection, each.kind, each.source_id) for each in documents]
    return [*own, hint_id(connection, "client", client), *hints]


async def delete_histories(client: Client, ids: Sequence[str]) -> int:
    """Delete every closed run of these workflows; returns how many there were. The server
    carries it out by itself, within about half a minute (measured on the dev server).

    Runs that are open stay. Raises temporalio.service.RPCError when Temporal refuses.
    """
    deleted = 0
    for workflow_id in ids:
        query = f"WorkflowId = '{workflow_id}' AND ExecutionStatus != 'Running'"
        async for run in client.list_workflows(query):
            execution = WorkflowExecution(workflow_id=run.id, run_id=run.run_id)
            deleted += await _delete(client, execution)
    return deleted


async def _delete(client: Client, execution: WorkflowExecution) -> int:
    request = DeleteWorkflowExecutionRequest(
        namespace=client.namespace, workflow_execution=execution
    )
    try:
        await client.workflow_service.delete_workflow_execution(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return 0
        raise
    return 1
