"""A process that waits for months goes on in a new run before its history is full."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.signatures import Concerned, HintInput
from activities.signatures_breaks import PutRightInput, PutRightResult
from documents.naming import LOOK_AGAIN, PUT_RIGHT, task_queue
from workers.worker import WORKFLOWS, workflow_runner


async def test_a_reversal_that_nobody_posts_for_long_goes_on_in_new_runs(
    short_env: WorkflowEnvironment,
) -> None:
    client, queue, runs = short_env.client, uuid4().hex, Counter[str]()

    @activity.defn(name="put right")
    async def put_right(request: PutRightInput) -> PutRightResult:
        assert (request.match, activity.info().workflow_id) == ("invoice 1", queue)
        runs[str(activity.info().workflow_run_id)] += 1
        return PutRightResult(how="done" if len(runs) == 3 else "not yet", again=len(runs) < 3)

    worker = Worker(
        client, task_queue=queue, workflows=WORKFLOWS, workflow_runner=workflow_runner(),
        activities=[put_right],
    )  # fmt: skip
    start = PutRightInput(connection="long", period="2026-03", match="invoice 1", queue=queue)
    async with worker:
        done = await client.execute_workflow(
            PUT_RIGHT, start, id=queue, task_queue=queue, result_type=PutRightResult
        )
    assert (done.how, len(runs)) == ("done", 3)
    assert max(runs.values()) < 4


async def test_hints_that_do_not_end_are_followed_in_new_runs(
    short_env: WorkflowEnvironment,
) -> None:
    client, name, runs = short_env.client, f"long-{uuid4().hex[:8]}", Counter[str]()

    @activity.defn(name="follow hint")
    async def follow(request: HintInput) -> Concerned:
        runs[str(activity.info().workflow_run_id)] += 1
        if len(runs) < 3:
            await handle.signal(LOOK_AGAIN)
        return Concerned(workflow_ids=())

    start = HintInput(connection=name, kind="payment", object_id="1")
    async with (
        Worker(client, task_queue=name, workflows=WORKFLOWS, workflow_runner=workflow_runner()),
        Worker(client, task_queue=task_queue("freshbooks", name), activities=[follow]),
    ):
        handle = client.get_workflow_handle(name)
        await client.start_workflow("Hint", start, id=name, task_queue=name)
        async with asyncio.timeout(20):
            while len(runs) < 3:  # noqa: ASYNC110 - runs of a worker
                await asyncio.sleep(0.05)
            await client.get_workflow_handle(name).result()
    assert max(runs.values()) < 4
