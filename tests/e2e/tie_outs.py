"""Tie-outs in the house, beside which nothing goes through it unasked."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from activities.reconciling import TieOutResult
from documents.tieout import Break, BreakState, TieOutSummary
from tests.e2e.house import TODAY, House
from workers.access.callers import Role
from workers.access.tokens import mint
from workers.connections import load_connections
from workers.dev.plan import PACKAGED_MAPPINGS
from workers.opening import open_store

PERIOD = f"{TODAY:%Y-%m}"
LEVY = ("Levy", "13")
"""A tax that the target computes itself, in a house that is `told_of_taxes_and_rates`."""

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


async def told_of_taxes_and_rates(house: House) -> None:
    """From now on the target computes one tax, and a tie-out knows what sterling was worth."""
    mappings = house.state / "mappings"
    if not mappings.exists():
        shutil.copytree(PACKAGED_MAPPINGS, mappings)
        _change(house.state / "tieout.yaml", lambda found: found.update(mappings=str(mappings)))
        csv = f"base,quote,date,rate,source\nGBP,USD,{TODAY.replace(day=1)},1.25,the bank\n"
        (mappings / "rates.csv").write_text(csv)
    connection = house.state / "connections" / f"{house.connection}.yaml"
    rates = {"file": "rates.csv", "currency": "USD", "max_age_days": 31}
    _change(connection, lambda found: found["tie_out"].update(exchange_rates=rates))
    mapping = mappings / load_connections(house.settings.connections)[house.connection].mapping
    levy = {"taxes": [{"name": LEVY[0], "percent": LEVY[1]}], "code": "VAT13"}
    _change(mapping, lambda found: found["taxes"]["rows"].insert(0, levy))
    house.kill("worker")
    # By then it is back.
    await tie_out(house, "2020-01")


def _change(path: Path, how: Callable[[Any], None]) -> None:
    yaml = YAML()
    found = yaml.load(path.read_text())
    how(found)
    with path.open("w") as file:
        yaml.dump(found, file)


async def traffic(house: House) -> None:
    """Invoices are sent, posted and paid, one after the other."""
    for _ in range(4):
        invoice = await house.sent_invoice()
        await house.watch.wait(invoice, "posted")
        await house.pay(invoice, "113.00")


async def at_the_client(house: House, action: str, **given: str) -> None:
    """What people do in the target that no service of it does."""
    target = house.ready.connections[house.connection].target
    url = f"{house.ready.sandbox[target.system]}/person/{target.company}/{action}"
    response = await house.http.post(url, json=given)
    assert response.status_code < 300, response.text
