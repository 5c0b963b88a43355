"""Every fault at every call that creates or posts on Dynamics AX leaves exactly one posting."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.house import House
from workers.connections import load_connections
from workers.prove.faults import FAULTS, faults_of

PLACES = (
    {"path": ".*/FreeTextInvoiceService/.*", "action": ".*/create"},
    {"path": ".*/TieoutService/.*", "action": ".*/postFreeTextInvoice"},
    {"path": ".*/CustomerPaymentJournalService/.*", "action": ".*/create"},
    {"path": ".*/TieoutService/.*", "action": ".*/postPaymentJournal"},
)
_PATIENCE = 120.0
_LATER = 0.8

pytestmark = pytest.mark.timeout(280)


@pytest.fixture
async def ax(house: House) -> AsyncIterator[House]:
    found = house.on("demo-ax")
    # Nobody but the custom service posts: a clerk would spare us the calls that go wrong.
    await clerk(found, after=3600)
    yield found
    await found.no_faults()
    await clerk(found, after=0.5)


async def clerk(ax: House, after: float) -> None:
    plan = {"system": "ax", "posting": "auto", "after": after}
    (await ax.http.post(f"{ax.ready.control}/operator", json=plan)).raise_for_status()


def plans(ax: House) -> list[dict[str, Any]]:
    """Every fault once at every place; what commits late does so when its caller has given up."""
    timeout = load_connections(ax.settings.connections)[ax.connection].target.timeout
    late = {"delay": timeout + _LATER}
    return [
        {**FAULTS[name], **(late if name == "commit_late" else {}), **place, "times": 1}
        for name in faults_of("ax")
        for place in PLACES
    ]


async def test_invoices_and_payments_are_posted_once_whatever_goes_wrong_on_ax(ax: House) -> None:
    client = await ax.new_client()
    await reached(ax, await ax.sent_invoice(client=client), "posted")
    planned = plans(ax)
    for plan in planned:
        await ax.fault(system="ax", method="POST", **plan)
    invoices = [await ax.sent_invoice(client=client) for _ in faults_of("ax")]
    await asyncio.gather(*(reached(ax, invoice, "posted") for invoice in invoices))
    payments = [await ax.pay(invoice, "113.00") for invoice in invoices]
    await asyncio.gather(*(reached(ax, invoice, "closed") for invoice in invoices))
    assert await ax.fault_hits() == len(planned)
    wanted = {("invoice", await ax.number(invoice)) for invoice in invoices}
    wanted |= {("payment", str(payment)) for payment in payments}
    rows = [row for row in await ax.journal() if (row["kind"], row["document"]) in wanted]
    assert Counter((row["kind"], row["document"]) for row in rows) == dict.fromkeys(wanted, 1)
    assert {(row["state"], row["amount"], row["remaining"]) for row in rows} == {
        ("posted", "113.00", "0.00")
    }


async def reached(ax: House, invoice: int, stage: str) -> None:
    async with asyncio.timeout(_PATIENCE):
        while await ax.watch.stage(invoice) != stage:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)
