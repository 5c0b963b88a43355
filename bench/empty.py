"""A workflow that does nothing with as many steps as posting an invoice: the floor below us."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

STEPS = 5
"""look, upsert customer, prepare, post invoice, write back reference"""


@activity.defn(name="bench nothing")
async def nothing() -> None:
    """A step without work."""


@workflow.defn(name="BenchEmpty")
class Empty:
    """As many steps as an invoice takes until it is posted."""

    @workflow.run
    async def run(self) -> None:
        for _ in range(STEPS):
            await workflow.execute_activity(
                nothing, start_to_close_timeout=timedelta(seconds=10), task_queue="bench.steps"
            )


async def empty_runs(client: Client, count: int, at_once: int) -> tuple[list[float], float]:
    """Seconds of each of `count` runs, and of all of them, `at_once` at a time."""
    slots = asyncio.Semaphore(at_once)

    async def one() -> float:
        async with slots:
            began = time.perf_counter()
            await client.execute_workflow(
                Empty.run, id=f"bench-{uuid.uuid4()}", task_queue="bench.workflows"
            )
            return time.perf_counter() - began

    workflows = Worker(
        client,
        task_queue="bench.workflows",
        workflows=[Empty],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    steps = Worker(client, task_queue="bench.steps", activities=[nothing])
    async with workflows, steps:
        await one()
        began = time.perf_counter()
        each = await asyncio.gather(*(one() for _ in range(count)))
        return list(each), time.perf_counter() - began
