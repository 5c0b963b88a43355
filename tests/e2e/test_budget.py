"""What one paid invoice costs: design.md allows 20 billable actions."""

from __future__ import annotations

import asyncio

from tests.e2e.actions import actions
from tests.e2e.house import CONNECTION, House

MOST = 20


async def test_an_invoice_posted_and_paid_costs_at_most_twenty_actions(house: House) -> None:
    """Every hint its events and our own write-back cause is counted, and none is saved by
    arriving together with another: the test waits for quiet between the events."""
    invoice = await house.invoice()
    await house.watch.wait(invoice, "ignored")
    await house.clerk.send_invoice(invoice)
    await house.watch.wait(invoice, "posted")
    await _quiet(house)
    payment = await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    await _quiet(house)
    ids = (f"order-to-cash/{CONNECTION}/{invoice}", f"hint/{CONNECTION}/payment/{payment}")
    spent = await actions(house.client, " OR ".join(f"WorkflowId = '{i}'" for i in ids))
    assert spent["retry"] == 0
    assert spent.total() <= MOST, dict(spent)


async def _quiet(house: House) -> None:
    """Wait until no webhook is on its way and visibility has caught up."""
    seen = -1
    while seen != (  # noqa: ASYNC110 - another process
        seen := len((await house.http.get(f"{house.ready.control}/requests/freshbooks")).json())
    ):
        await asyncio.sleep(1)
