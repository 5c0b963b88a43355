"""Under which keys the histories in Temporal began.

A history needs the key that it began under and those that came after it, until its process closed
and the namespace's retention passed. The key id stands in clear in the metadata of each payload.
"""

from __future__ import annotations

from collections import Counter

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workers.codec import KEY_ID

IN_CLEAR = "in clear"


async def keys_of_histories(client: Client) -> dict[str, int]:
    """How many executions, open and closed, began under which key id. Reads the first event of
    each. Raises temporalio.service.RPCError."""
    found: Counter[str] = Counter()
    async for run in client.list_workflows():
        execution = WorkflowExecution(workflow_id=run.id, run_id=run.run_id)
        key_id = await _key_of(client, execution)
        if key_id:
            found[key_id] += 1
    return dict(found)


async def _key_of(client: Client, execution: WorkflowExecution) -> str:
    """Empty for a history that has gone meanwhile, or holds nothing."""
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace, execution=execution, maximum_page_size=1
    )
    try:
        page = await client.workflow_service.get_workflow_execution_history(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return ""
        raise
    payloads = page.history.events[0].workflow_execution_started_event_attributes.input.payloads
    if not payloads:
        return ""
    return payloads[0].metadata.get(KEY_ID, IN_CLEAR.encode()).decode()
