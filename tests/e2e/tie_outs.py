"""Tie-outs in the house, beside which nothing goes through it unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from activities.reconciling import TieOutResult
from documents.tieout import Break, BreakState, TieOutSummary
from tests.e2e.house import TODAY, House
from workers.access.callers import Role
from workers.access.tokens import mint
from workers.opening import open_store

PERIOD = f"{TODAY:%Y-%m}"
SETTLE = 4.0
"""Longer than the dev house takes a change for settled."""


async def tie_out(house: House, period: str = PERIOD) -> TieOutSummary:
    """As the command line starts it: with JSON, by name."""
    handle = await house.client.start_workflow(
        "TieOut",
        {"connection": house.connection, "period": period},
        id=f"tie-out/{house.connection}/{period}",
        task_queue="tieout",
        result_type=TieOutResult,
    )
    result: TieOutResult = await handle.result()
    return result.summaries[-1]


async def breaks(house: House, *states: BreakState) -> list[Break]:
    async with open_store(house.settings) as store:
        return await store.breaks.page(house.connection, PERIOD, states=states)


@asynccontextmanager
async def unnoticed(house: House) -> AsyncIterator[None]:
    """What people do at the source reaches nobody by a webhook."""
    await _webhooks(house, drop=1)
    try:
        yield
    finally:
        await _webhooks(house, drop=0)


@asynccontextmanager
async def no_sweep(house: House) -> AsyncIterator[None]:
    """No sweep finds what the webhooks missed."""
    sweep = house.client.get_schedule_handle(f"sweep/{house.connection}")
    await sweep.pause()
    await until(lambda: _no_sweep_is_running(house))
    try:
        yield
    finally:
        await sweep.unpause()


async def _no_sweep_is_running(house: House) -> bool:
    query = f"WorkflowType = 'Sweep' AND TieoutConnection = '{house.connection}'"
    running = house.client.list_workflows(f"{query} AND ExecutionStatus = 'Running'")
    return not [run async for run in running]


async def _webhooks(house: House, **how: Any) -> None:
    url = f"{house.ready.control}/webhooks"
    response = await house.http.post(url, json={"system": "freshbooks", **how})
    assert response.status_code < 300, response.text


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def until_at_rest(house: House) -> None:
    """Nothing is under way: what people did has gone through the house."""
    await asyncio.sleep(SETTLE)

    async def none_in_flight() -> bool:
        async with open_store(house.settings) as store:
            totals = await store.conservation.totals(house.connection)
        return not any(row.in_flight.count for row in totals)

    await until(none_in_flight)


def counts(found: Break) -> bool:
    """Not a document of the traffic that was under way, nor an echo of another break."""
    return not any(word in found.how for word in ("agreed when", "explained by")) and (
        found.state is not BreakState.TIMING
    )


async def decided_by_two(house: House, found: Break, action: str) -> None:
    """Two people say so over the operator interface."""
    what = {"action": action, "why": "entered wrongly"}
    for role, decision in ((Role.OPERATOR, what), (Role.APPROVER, {"action": "approve"})):
        new = mint()
        async with open_store(house.settings) as store:
            await store.persons.add(new.person_id, new.person_id, role.value, new.digest)
        response = await house.http.post(
            f"{house.ready.operator}/operator/tie-outs/{PERIOD}/decide",
            json={"connection": house.connection, "break_id": found.break_id, **decision},
            headers={"Authorization": f"Bearer {new.token}"},
        )
        assert response.status_code == 200, response.text


async def reversed_by_two(house: House, twice: Break) -> None:
    """Two people say so, and it is done."""
    await decided_by_two(house, twice, "reverse")

    async def done() -> bool:
        async with open_store(house.settings) as store:
            now = await store.breaks.get(house.connection, PERIOD, twice.break_id)
        assert now is not None
        assert now.state in (BreakState.APPROVED, BreakState.CLOSED), now.how
        return now.state is BreakState.CLOSED and "reversed by" in now.how

    await until(done)
