"""Killing the worker at any moment and starting it again loses and doubles nothing."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.e2e.house import House


@pytest.mark.parametrize("seed", range(3))
async def test_a_worker_killed_again_and_again_posts_each_document_once(
    house: House, seed: int
) -> None:
    moments = random.Random(seed)
    client = await house.new_client()
    invoices = [await house.sent_invoice(client=client) for _ in range(4)]
    payments = [await house.pay(invoice, "113.00") for invoice in invoices]
    for _ in range(4):
        await asyncio.sleep(moments.uniform(0.05, 1.2))
        house.kill("worker")
    for invoice in invoices:
        await house.watch.wait(invoice, "closed")
        (row,) = await house.posted("invoice", await house.number(invoice))
        assert (row["amount"], row["remaining"]) == ("113.00", "0.00")
    for payment in payments:
        (row,) = await house.posted("payment", payment)
        assert (row["amount"], row["remaining"]) == ("113.00", "0.00")


@pytest.mark.parametrize("path", [".*SalesInvoice.*", ".*TieoutPosting", ".*CashReceiptJournal.*"])
@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
async def test_a_worker_killed_during_the_call_leaves_one_posting(
    house: House, fault: str, path: str
) -> None:
    invoice = await house.sent_invoice()
    await house.fault(system="nav", method="POST|PATCH", path=path, fault=fault, delay=4, times=1)
    payment = await house.pay(invoice, "113.00")
    for _ in range(100):
        if await house.fault_hits():
            break
        await asyncio.sleep(0.05)
    house.kill("worker")
    await house.watch.wait(invoice, "closed")
    (row,) = await house.posted("invoice", await house.number(invoice))
    assert row["remaining"] == "0.00"
    # Other documents of the house may wait as drafts, held for a person.
    ids = (f"I{invoice}-", f"P{payment}-")
    created = [r for r in await house.journal() if r["state"] == "created"]
    drafts = [r for r in created if any(each in r["key"] for each in ids)]
    assert drafts == []
