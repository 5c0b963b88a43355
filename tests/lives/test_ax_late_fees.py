"""Late fees of posted invoices in AX: beside their invoice, as in NAV."""

from __future__ import annotations

import asyncio

from documents.key import Kind
from tests.lives.ax_site import AxDesk
from tests.lives.desk import ADVICE
from workers.demo.people import Line

FEE = Line("Late fee", "1", "15.00")


async def test_a_late_fee_is_posted_settled_after_its_invoice_and_taken_back(ax: AxDesk) -> None:
    async with ax.books.target(posting="service") as target:
        await ax.begin(target, late_fees="supplementary invoice")
        invoice = await ax.posted()
        await ax.clerk.change_lines(invoice, "USD", [ADVICE, FEE])
        assert (await ax.paid(invoice, "120.00")).reason == "waits for payment of 8.00 USD"
        assert (await ax.row(Kind.INVOICE, invoice))["remaining"] == "0.00"
        fee = await ax.row(Kind.LATE_FEE, invoice)
        assert (fee["amount"], fee["remaining"], fee["state"]) == ("15.00", "8.00", "posted")
        await ax.clerk.change_lines(invoice, "USD", [ADVICE])
        assert (await ax.driver.invoice(invoice)).stage == "closed"
        for kind in (Kind.LATE_FEE, Kind.LATE_FEE_REVERSAL):
            assert (await ax.row(kind, invoice))["remaining"] == "0.00"


async def _until_posted(ax: AxDesk, invoice: int) -> None:
    for _ in range(100):
        if (await ax.driver.invoice(invoice)).stage == "posted":
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the clerk never posted it")


async def test_an_invoice_whose_late_fee_waits_for_the_clerk_is_looked_at_by_the_sweep(
    ax: AxDesk,
) -> None:
    async with ax.books.target() as target:
        await ax.begin(target, clerk=0.0, late_fees="supplementary invoice")
        invoice = await ax.sent()
        await _until_posted(ax, invoice)
        await ax.books.operator("wait")
        await ax.clerk.change_lines(invoice, "USD", [ADVICE, FEE])
        assert (await ax.driver.invoice(invoice)).stage == "created"
        name = ax.connection.name
        (waiting,) = await ax.store.waiting.page(name, [Kind.INVOICE])
        assert (waiting.source_id, waiting.is_created) == (str(invoice), True)
        await ax.books.operator("auto")
        await _until_posted(ax, invoice)
        assert (await ax.row(Kind.LATE_FEE, invoice))["remaining"] == "15.00"
        assert await ax.store.waiting.page(name, [Kind.INVOICE]) == []
