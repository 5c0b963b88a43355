"""A process that is told to stop stops, and leaves alone what it had not begun."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.reconciling import BeginRequest, Periods, PeriodsRequest, TieOutInput
from documents.naming import task_queue, tie_out_id
from workers.temporal import ensure_search_attributes
from workers.worker import WORKFLOWS, workflow_runner


@activity.defn(name="open periods")
async def two_periods(request: PeriodsRequest) -> Periods:
    return Periods(periods=("2026-01", "2026-02"))


@activity.defn(name="begin tie-out")
async def begin_for_ever(request: BeginRequest) -> None:
    await asyncio.Event().wait()


async def test_a_tie_out_of_every_period_that_is_cancelled_begins_no_other(
    temporal_env: WorkflowEnvironment,
) -> None:
    client, connection = temporal_env.client, f"stop-{uuid4().hex[:12]}"
    await ensure_search_attributes(client)
    queue = task_queue("freshbooks", connection)
    steps = Worker(client, task_queue=queue, activities=[two_periods, begin_for_ever])
    processes = Worker(
        client, task_queue=connection, workflows=WORKFLOWS, workflow_runner=workflow_runner()
    )
    async with steps, processes:
        handle = await client.start_workflow(
            "TieOut", TieOutInput(connection=connection),
            id=tie_out_id(connection), task_queue=connection,
        )  # fmt: skip
        while (await handle.describe()).history_length < 14:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as ended:
            await asyncio.wait_for(handle.result(), 20)
    assert isinstance(ended.value.cause, CancelledError)
    history = (await handle.fetch_history()).events
    begun = [
        event.start_child_workflow_execution_initiated_event_attributes.workflow_id
        for event in history
        if event.HasField("start_child_workflow_execution_initiated_event_attributes")
    ]
    assert begun == [tie_out_id(connection, "2026-01")]
