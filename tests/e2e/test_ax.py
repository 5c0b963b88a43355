"""The same order to cash on Dynamics AX 2012: other protocol, other sign-in, same process."""

from __future__ import annotations

import asyncio

import pytest

from activities.reconciling import TieOutResult
from documents.tieout import BreakState
from policies.tieout.verdict import verdict
from tests.e2e.house import TODAY, House
from workers.demo.people import Line
from workers.opening import open_store


@pytest.fixture
def ax(house: House) -> House:
    return house.on("demo-ax")


async def test_an_invoice_is_posted_paid_and_closed_on_ax(ax: House) -> None:
    invoice = await ax.sent_invoice()
    await ax.watch.wait(invoice, "posted")
    payment = await ax.pay(invoice, "113.00")
    await ax.watch.wait(invoice, "closed")
    (posted,) = await ax.posted("invoice", await ax.number(invoice))
    assert (posted["amount"], posted["currency"], posted["remaining"]) == ("113.00", "USD", "0.00")
    (paid,) = await ax.posted("payment", payment)
    assert (paid["amount"], paid["remaining"]) == ("113.00", "0.00")


async def test_a_voided_invoice_is_taken_back_on_ax(ax: House) -> None:
    invoice = await ax.sent_invoice()
    await ax.watch.wait(invoice, "posted")
    number = await ax.number(invoice)
    await ax.clerk.void_invoice(invoice)
    await ax.watch.wait(invoice, "closed")
    assert await ax.posted("invoice", number) == []


async def test_a_deleted_payment_is_reversed_on_ax(ax: House) -> None:
    invoice = await ax.sent_invoice()
    payment = await ax.pay(invoice, "50.00")
    await _until(ax, payment, 1)
    await ax.clerk.delete_payment(payment)
    await _until(ax, payment, 0)


async def test_an_account_that_ax_does_not_know_is_held_and_goes_on_after_a_correction(
    ax: House,
) -> None:
    invoice = await ax.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await ax.watch.wait(invoice, "held")
    status = await ax.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "account-unknown"
    await ax.clerk.change_lines(invoice, "USD", [Line("Service", "1", "10.00")])
    await ax.watch.wait(invoice, "posted")


async def test_what_nobody_posts_waits_and_goes_on_when_the_clerk_is_back(ax: House) -> None:
    await _clerk(ax, "wait")
    try:
        invoice = await ax.sent_invoice()
        await ax.watch.wait(invoice, "created")
        number = await ax.number(invoice)
        assert await ax.posted("invoice", number) == []
    finally:
        await _clerk(ax, "auto")
    await ax.watch.wait(invoice, "posted")
    assert len(await ax.posted("invoice", number)) == 1


async def _clerk(ax: House, posting: str) -> None:
    plan = {"system": "ax", "posting": posting, "after": 0.5}
    response = await ax.http.post(f"{ax.ready.control}/operator", json=plan)
    assert response.status_code < 300, response.text


async def _until(ax: House, payment: int, count: int) -> None:
    async with asyncio.timeout(30):
        while len(await ax.posted("payment", payment)) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_the_books_of_ax_are_listed_compared_and_tie(ax: House) -> None:
    invoice = await ax.sent_invoice()
    await ax.watch.wait(invoice, "posted")
    await ax.pay(invoice, "113.00")
    await ax.watch.wait(invoice, "closed")
    voided = await ax.sent_invoice()
    await ax.watch.wait(voided, "posted")
    await ax.clerk.void_invoice(voided)
    await ax.watch.wait(voided, "closed")
    handle = await ax.client.start_workflow(
        "TieOut",
        {"connection": ax.connection, "period": f"{TODAY:%Y-%m}"},
        id=f"tie-out/{ax.connection}/{TODAY:%Y-%m}",
        task_queue="tieout",
        result_type=TieOutResult,
    )
    summary = (await handle.result()).summaries[-1]
    assert summary.target_read > 0
    async with open_store(ax.settings) as store:
        found = await store.breaks.page(ax.connection, summary.period, states=tuple(BreakState))
    assert [b for b in found if b.state is BreakState.OPEN] == []
    assert verdict(summary).is_tied, verdict(summary)
