"""A start by hand that nothing can come of says so; it neither hangs nor posts a second time."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from workers.worker import WORKFLOWS, workflow_runner

GOOD = {"connection": "demo-nav", "invoice_id": "2000001"}


async def start(client: Client, process: str, given: Any) -> WorkflowHandle[Any, Any]:
    queue = f"starts-{uuid4().hex}"
    worker = Worker(
        client, task_queue=queue, workflows=WORKFLOWS, workflow_runner=workflow_runner()
    )
    async with worker:
        handle = await client.start_workflow(
            process, *([] if given is None else [given]), id=queue, task_queue=queue
        )
        for _ in range(100):
            await asyncio.sleep(0.1)
            history = await handle.fetch_history()
            if len(history.events) > 4:
                break
    return handle


@pytest.mark.parametrize(
    ("process", "given", "sentence"),
    [
        ("OrderToCash", {**GOOD, "invoice_id": "002000001"}, "invoice_id '002000001' is no id"),
        ("OrderToCash", {**GOOD, "invoice_id": " 2000001"}, "invoice_id ' 2000001' is no id"),
        ("OrderToCash", {**GOOD, "invoice_id": "I-17"}, "invoice_id 'I-17' is no id"),
        ("OrderToCash", {**GOOD, "invoice_id": "123456789012"}, "is no id"),
        ("OrderToCash", {"connection": "demo-nav"}, "invoice_id '' is no id"),
        ("OrderToCash", {"invoice_id": "2000001"}, "connection '' is no name"),
        ("OrderToCash", {**GOOD, "connection": "Demo NAV"}, "connection 'Demo NAV' is no name"),
        ("OrderToCash", {**GOOD, "connection": None}, "connection '' is no name"),
        ("OrderToCash", {**GOOD, "source": "free/books"}, "source 'free/books' is no name"),
        ("OrderToCash", "2000001", "connection '' is no name"),
        ("OrderToCash", [1, 2], "connection '' is no name"),
        ("CreditNote", {"connection": "demo-nav", "credit_id": "07"}, "credit_id '07' is no id"),
        ("ExpenseReimbursement", {"connection": "demo-nav"}, "expense_id '' is no id"),
        ("VendorBill", {"connection": "demo-nav"}, "bill_id '' is no id"),
        ("Hint", {"connection": "demo-nav", "kind": "payment"}, "object_id '' is no id"),
    ],
)
async def test_a_start_that_nothing_can_come_of_fails_with_a_sentence(
    temporal_env: WorkflowEnvironment, process: str, given: Any, sentence: str
) -> None:
    handle = await start(temporal_env.client, process, given)
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(handle.result(), 10)
    assert sentence in str(failed.value.cause), failed.value.cause


async def test_an_id_written_as_a_number_is_read(temporal_env: WorkflowEnvironment) -> None:
    handle = await start(temporal_env.client, "OrderToCash", {**GOOD, "invoice_id": 2000001})
    history = (await handle.fetch_history()).events
    assert any(e.HasField("activity_task_scheduled_event_attributes") for e in history)
    await handle.terminate()


async def test_a_connection_that_nobody_works_for_is_told_by_the_process(
    temporal_env: WorkflowEnvironment,
) -> None:
    client, queue = temporal_env.client, f"starts-{uuid4().hex}"
    worker = Worker(
        client, task_queue=queue, workflows=WORKFLOWS, workflow_runner=workflow_runner()
    )
    async with worker:
        handle = await client.start_workflow(
            "OrderToCash", {**GOOD, "connection": "demo-navv"}, id=queue, task_queue=queue
        )
        async with asyncio.timeout(60):
            while (status := await handle.query("status"))["reason"] == "received":  # noqa: ASYNC110
                await asyncio.sleep(1)
        assert "no worker carries out the steps of freshbooks.demo-navv" in status["reason"]
        description = await handle.describe()
        assert description.status is not None and description.status.name == "RUNNING"
        await handle.terminate()
