"""The end of a worker process: what is in hand has one grace, however many queues there are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from uuid import uuid4

from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from workers.worker import at_work

_GRACE = 1.0


async def test_the_queues_of_a_worker_share_one_grace(temporal_env: WorkflowEnvironment) -> None:
    begun = asyncio.Semaphore(0)

    @activity.defn
    async def hang() -> None:
        begun.release()
        await asyncio.sleep(60)

    client, queues = temporal_env.client, [uuid4().hex for _ in range(2)]
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
    assert _GRACE <= monotonic() - told < 1.8 * _GRACE
    for queue in queues:
        await client.get_activity_handle(queue).terminate()
