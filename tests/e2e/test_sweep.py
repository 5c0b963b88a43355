"""With every webhook lost, the sweep brings everything; in an unchanged world it says nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

from documents.key import Kind
from documents.naming import process_id
from tests.e2e.house import CONNECTION, House
from workers.connections import load_connections
from workers.opening import open_store
from workers.sources import open_source

_PATIENCE_SECONDS = 60


async def _swept(house: House, times: int = 1) -> None:
    """Let whole sweeps pass that began after this moment."""
    handle = house.client.get_schedule_handle(f"sweep/{CONNECTION}")
    for _ in range(times):
        before = (await handle.describe()).info.num_actions
        await handle.trigger()
        await _until(lambda before=before: _ended_after(house, before))  # type: ignore[misc]


async def _ended_after(house: House, before: int) -> bool:
    info = (await house.client.get_schedule_handle(f"sweep/{CONNECTION}").describe()).info
    return info.num_actions > before and not info.running_actions


async def _until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await happened():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture(loop_scope="session")
async def deaf(house: House) -> AsyncIterator[House]:
    """The house while no webhook arrives."""
    url = f"{house.ready.control}/webhooks"
    await house.http.post(url, json={"system": "freshbooks", "drop": 1.0})
    yield house
    await house.http.post(url, json={"system": "freshbooks"})


async def _signals(client: Client, *invoices: int) -> int:
    """Signals in the histories of the processes of these invoices, over all their runs."""
    found = 0
    ids = ", ".join(f"'{process_id(CONNECTION, Kind.INVOICE, str(each))}'" for each in invoices)
    async for run in client.list_workflows(f"WorkflowId IN ({ids})"):
        history = client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history_events()
        signalled = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
        found += sum([event.event_type == signalled async for event in history])
    return found


async def _tieout(house: House, *arguments: str) -> tuple[int, str]:
    """A command as an operator types it: its exit code and what it said."""
    script = Path(sys.executable).with_name("tieout")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        *arguments,
        f"--config={house.state / 'tieout.yaml'}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "TEMPORAL_ADDRESS": house.ready.temporal},
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_with_every_webhook_lost_the_sweep_brings_everything(deaf: House) -> None:
    client = await deaf.new_client("Never Heard Of Ltd")
    invoice = await deaf.sent_invoice(client=client)
    voided = await deaf.sent_invoice(client=client)
    await _swept(deaf)
    await deaf.watch.wait(invoice, "posted")
    await deaf.watch.wait(voided, "posted")
    payment = await deaf.pay(invoice, "113.00")
    number = await deaf.number(voided)
    await deaf.clerk.void_invoice(voided)
    await _swept(deaf)
    await deaf.watch.wait(invoice, "closed")
    await deaf.watch.wait(voided, "closed")
    (paid,) = await deaf.posted("payment", payment)
    assert (paid["amount"], paid["remaining"]) == ("113.00", "0.00")
    assert await deaf.posted("invoice", number) == []


async def test_a_payment_deleted_in_silence_is_reversed(deaf: House) -> None:
    invoice = await deaf.sent_invoice(client=await deaf.new_client("Second Thoughts Ltd"))
    payment = await deaf.pay(invoice, "50.00")
    await _swept(deaf)
    await _until(lambda: _has(deaf, payment, 1))
    await deaf.clerk.delete_payment(payment)
    await _swept(deaf)
    await _until(lambda: _has(deaf, payment, 0))


async def _has(house: House, payment: int, count: int) -> bool:
    return len(await house.posted("payment", payment)) == count


async def test_an_unchanged_world_causes_no_signal(house: House) -> None:
    client = await house.new_client("Quiet Days Ltd")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "posted")
    payment = await house.pay(invoice, "13.00")
    draft = await house.invoice(client=client)
    await house.watch.wait(draft, "ignored")
    await _until(lambda: _has(house, payment, 1))
    await _swept(house)
    before = await _signals(house.client, invoice, draft)
    await _swept(house, times=2)
    assert before > 0
    assert await _signals(house.client, invoice, draft) == before


async def test_what_waits_for_the_target_is_woken(house: House) -> None:
    client = await house.new_client("Unblocked in silence Ltd")
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer("Unblocked in silence Ltd", "All")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "held")
    await house.block_customer("Unblocked in silence Ltd", " ")
    await house.watch.wait(invoice, "posted")


async def test_a_webhook_that_was_deleted_or_never_verified_is_repaired(house: House) -> None:
    connection = load_connections(house.settings.connections)[CONNECTION]
    async with (
        open_store(house.settings) as store,
        open_source(connection, store) as source,
    ):
        gone, unheard = (await source.callbacks())[:2]
        await source.delete_callback(gone.callback_id)
        await store.callbacks.forget(CONNECTION, unheard.callback_id)
        await _swept(house)

        async def works() -> bool:
            there = await source.callbacks()
            keys = {row.callback_id for row in await store.callbacks.active(CONNECTION)}
            ours = {c.event: c.callback_id for c in there if c.verified}
            return {gone.event, unheard.event} <= ours.keys() and set(ours.values()) <= keys

        await _until(works)


async def test_a_worker_killed_in_the_middle_of_a_sweep_loses_nothing(deaf: House) -> None:
    client = await deaf.new_client("Power Cut Ltd")
    invoices = [await deaf.sent_invoice(client=client) for _ in range(5)]
    await deaf.fault(system="freshbooks", method="GET", path=".*/payments", fault="delay", delay=1)
    handle = deaf.client.get_schedule_handle(f"sweep/{CONNECTION}")
    await handle.trigger()
    await asyncio.sleep(0.5)
    deaf.kill("worker")
    for invoice in invoices:
        await deaf.watch.wait(invoice, "posted")
        assert len(await deaf.posted("invoice", await deaf.number(invoice))) == 1


async def test_the_runs_of_a_sweep_end_well(house: House) -> None:
    await _swept(house)
    runs = [run async for run in house.client.list_workflows("WorkflowType = 'Sweep'")]
    assert runs
    assert {run.status for run in runs} <= {
        WorkflowExecutionStatus.COMPLETED,
        WorkflowExecutionStatus.RUNNING,
    }


@pytest.mark.parametrize("every", ["3s", "25h", "soon", "-5m"])
async def test_an_impossible_period_is_refused(house: House, every: str) -> None:
    code, said = await _tieout(house, "sweep", "start", f"--every={every}")
    assert code == 1
    assert "period" in said


async def test_a_sweep_is_paused_started_and_shown(house: House) -> None:
    here = f"--connection={CONNECTION}"
    assert await _tieout(house, "sweep", "pause", here) == (0, f"sweep/{CONNECTION} is paused\n")
    code, shown = await _tieout(house, "sweep", "status", here)
    assert (code, "paused" in shown, "invoice: 20" in shown) == (0, True, True)
    assert await _tieout(house, "sweep", "start", here, "--every=30s") == (
        0,
        f"sweep/{CONNECTION} runs every 30 s\n",
    )
    code, shown = await _tieout(house, "sweep", "run-now", here)
    assert (code, "was started" in shown) == (0, True)
