"""Two workflows that go wrong: one fails for good, one can never finish its first task."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.conftest import temporal_program
from workers.temporal import data_converter, ensure_search_attributes
from workflows.attributes import CONNECTION

# By default Temporal reports a run after five failed tasks, which takes a minute.
_AT_ONCE = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"
_QUEUE = "broken"

Start = Callable[[str, str], Awaitable[WorkflowHandle[Any, Any]]]


@workflow.defn(name="Fails", sandboxed=False)
class Fails:
    @workflow.run
    async def run(self) -> None:
        raise ApplicationError("this process is over", non_retryable=True)


@workflow.defn(name="Broken", sandboxed=False)
class Broken:
    @workflow.run
    async def run(self) -> None:
        raise KeyError("a bug in a workflow")


@asynccontextmanager
async def eager_temporal() -> AsyncIterator[Client]:
    """A dev server that reports a run at its first failed task."""
    async with await WorkflowEnvironment.start_local(
        data_converter=data_converter(),
        dev_server_existing_path=temporal_program(),
        dev_server_extra_args=["--dynamic-config-value", _AT_ONCE],
        dev_server_log_level="error",
    ) as environment:
        await ensure_search_attributes(environment.client)
        yield environment.client


@asynccontextmanager
async def broken_house(client: Client) -> AsyncIterator[Start]:
    """A worker that runs both; gives how to start one for a connection."""

    async def start(workflow_type: str, connection: str) -> WorkflowHandle[Any, Any]:
        ours = TypedSearchAttributes([SearchAttributePair(CONNECTION, connection)])
        handle: WorkflowHandle[Any, Any] = await client.start_workflow(
            workflow_type,
            id=f"{workflow_type}/{connection}",
            task_queue=_QUEUE,
            search_attributes=ours,
        )
        return handle

    async with Worker(client, task_queue=_QUEUE, workflows=[Broken, Fails]):
        yield start
