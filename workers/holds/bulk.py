"""Starting a bulk retry and watching it; it goes on when nobody watches."""

from __future__ import annotations

import asyncio

from rich.progress import Progress, SpinnerColumn, TextColumn
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from activities.signatures_bulk import BulkProgress, BulkRetryInput
from documents.naming import BULK_RETRY, WORKFLOW_TASK_QUEUE, bulk_retry_id
from workers import temporal
from workers.commands.screen import screen
from workers.commands.site import pick
from workers.connections import load_connections
from workers.refusal import Refusal
from workers.settings import AppSettings

_EVERY_SECONDS = 0.5


async def bulk_retry(
    settings: AppSettings,
    connection: str,
    cause: str,
    who: str,
    why: str,
    per_second: float,
    *,
    wait: bool,
) -> str:
    """Start the bulk retry, or join the one that runs; what became of it, in words. Refusal for
    an unknown connection, and when the bulk retry ends before it is done."""
    source = pick(load_connections(settings.connections), connection).source.system
    client = await temporal.connect(settings)
    workflow_id = bulk_retry_id(connection, cause)
    handle: WorkflowHandle[object, object] = await client.start_workflow(
        BULK_RETRY,
        BulkRetryInput(
            connection=connection,
            cause=cause,
            who=who,
            why=why,
            per_second=per_second,
            source=source,
        ),
        id=workflow_id,
        task_queue=WORKFLOW_TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    if not wait:
        return f"started {workflow_id}"
    progress = await watch(handle)
    return f"{progress.retried} told to retry, {progress.gone} no longer held"


async def watch(handle: WorkflowHandle[object, object]) -> BulkProgress:
    """What it has done when it is done; Refusal when it ends before that."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=screen(), transient=True
    ) as bar:
        task = bar.add_task("telling held documents to retry")
        while True:
            now = await _progress(handle)
            bar.update(task, description=f"{now.retried} told to retry")
            if now.done:
                return now
            await _refuse_ended(handle)
            await asyncio.sleep(_EVERY_SECONDS)


async def _progress(handle: WorkflowHandle[object, object]) -> BulkProgress:
    """Refusal for one that ended before it began: it answers no query."""
    try:
        found: BulkProgress = await handle.query("progress", result_type=BulkProgress)
    except RPCError:
        await _refuse_ended(handle)
        raise
    return found


async def _refuse_ended(handle: WorkflowHandle[object, object]) -> None:
    """A workflow that was terminated, or failed, gets no further."""
    status = (await handle.describe()).status
    if status not in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED):
        raise Refusal(f"{handle.id} ended as {status.name.lower() if status else 'unknown'}")
