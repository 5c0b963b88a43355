"""A worker process from its first task to its end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.conftest import temporal_program
from workers.settings import WorkerSettings
from workers.worker import WORKFLOWS, at_work, deployment, workflow_runner

_GRACE = 1.0


async def test_the_queues_of_a_worker_share_one_grace(temporal_env: WorkflowEnvironment) -> None:
    begun = asyncio.Semaphore(0)

    @activity.defn
    async def hang() -> None:
        begun.release()
        await asyncio.sleep(60)

    client, queues = temporal_env.client, [uuid4().hex for _ in range(3)]
    workers = [
        Worker(
            client,
            task_queue=queue,
            activities=[hang],
            graceful_shutdown_timeout=timedelta(seconds=_GRACE),
        )
        for queue in queues
    ]
    async with at_work(workers):
        for queue in queues:
            await client.start_activity(
                hang, id=queue, task_queue=queue, start_to_close_timeout=timedelta(seconds=90)
            )
            await begun.acquire()
        told = monotonic()
    assert _GRACE <= monotonic() - told < 2.5 * _GRACE
    for queue in queues:
        await client.get_activity_handle(queue).terminate()


async def test_a_versioned_worker_takes_over_when_it_is_made_current(
    temporal_env: WorkflowEnvironment,
) -> None:
    """As the runbook says it, by the command that it prints."""
    client, name = temporal_env.client, f"books-{uuid4().hex[:8]}"
    settings = WorkerSettings(deployment_name=name, build_id="b7")
    worker = Worker(
        client,
        task_queue=name,
        workflows=WORKFLOWS,
        workflow_runner=workflow_runner(),
        deployment_config=deployment(settings),
    )
    async with worker:
        handle = await client.start_workflow(
            "OrderToCash", {"connection": "demo-nav"}, id=name, task_queue=name
        )
        await _make_current(client, name, "b7")
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(handle.result(), 20)
    assert "invoice_id" in str(failed.value.cause)


async def _make_current(client: Client, name: str, build: str) -> None:
    for _ in range(100):
        process = await asyncio.create_subprocess_exec(
            temporal_program(), "worker", "deployment", "set-current-version",
            "--deployment-name", name, "--build-id", build, "--yes",
            "--address", client.service_client.config.target_host,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await process.communicate()
        if process.returncode == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(out.decode())
