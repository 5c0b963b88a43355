"""Closed periods, through the whole house: in a company of their own, as one closes for all."""

from __future__ import annotations

from datetime import timedelta

from tests.e2e.house import TODAY, House
from workers.demo.people import Line

LAST_MONTH = TODAY - timedelta(days=40)


async def test_a_document_of_a_closed_period_goes_on_when_the_period_is_opened(
    house: House,
) -> None:
    lane = house.on("lane-1")
    async with lane.books() as books:
        await books.allow_posting(TODAY - timedelta(days=10))
        client = await lane.new_client()
        invoice = await lane.clerk.write_invoice(
            client, "USD", LAST_MONTH, [Line("Advice", "1", "100.00")]
        )
        await lane.clerk.send_invoice(invoice)
        await lane.watch.wait(invoice, "held")
        status = await lane.watch.status(invoice)
        assert status is not None
        assert status.hold is not None
        assert status.hold.cause == "period-closed"
        await books.allow_posting(None)
    await lane.resolve(invoice, action="retry", who="Ada", why="the period is open")
    await lane.watch.wait(invoice, "posted")
    row = await lane.entry("invoice", await lane.number(invoice))
    assert await lane.posting_date(row) == LAST_MONTH


async def test_a_payment_before_its_invoice_is_applied_afterwards(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    payment = await house.pay(invoice, "113.00", day=LAST_MONTH)
    await house.watch.wait(invoice, "closed")
    row = await house.settled("payment", payment, "0.00")
    assert await house.posting_date(row) == LAST_MONTH
