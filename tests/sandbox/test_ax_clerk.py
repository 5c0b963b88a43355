"""The clerk who posts what was created, and what a restart keeps."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.server import SandboxServer
from sandbox.settings import AxSettings, SandboxSettings
from tests.sandbox.ax_house import COMPANY, House, house, opened, refused, running
from tests.sandbox.ax_values import keys, line, message_id, where

__all__ = ["house", "running"]


async def _state(house: House, key: str) -> str:
    return str((await house.tieout("findByKey", key))["State"])


async def test_the_clerk_posts_everything_after_a_while(house: House) -> None:
    number = await house.customer()
    await house.operator(posting="auto", after=600)
    await house.invoice(number, "K1")
    await house.payment(number, "P1", "10")
    assert await _state(house, "K1") == "Created"
    await house.operator(posting="auto", after=0.1)
    invoice = await house.until("K1", "posted")
    payment = await house.until("P1", "posted")
    assert invoice["voucher"].startswith("ARIV")
    assert payment["number"] == payment["voucher"]


async def test_a_second_passes_unless_the_clerk_was_told_otherwise() -> None:
    async with opened(AxSettings(companies=[COMPANY], posting_after=0.3)) as house:
        number = await house.customer()
        loop = asyncio.get_running_loop()
        await house.invoice(number, "K1")
        start = loop.time()
        await house.until("K1", "posted")
        assert loop.time() - start > 0.2
        await house.operator(posting="auto")
        await house.invoice(number, "K2")
        assert await _state(house, "K2") == "Created"
        await house.until("K2", "posted")
    assert AxSettings(companies=[COMPANY]).posting_after == 1.0


async def test_a_clerk_who_is_away_posts_nothing_not_even_by_the_custom_service(
    house: House,
) -> None:
    number = await house.customer()
    await house.operator(posting="wait")
    await house.invoice(number, "K1")
    assert (await house.tieout("postFreeTextInvoice", "K1"))["State"] == "Created"
    await asyncio.sleep(0.1)
    assert await _state(house, "K1") == "Created"
    await house.operator(posting="auto", after=0)
    await house.until("K1", "posted")


async def test_a_refusal_keeps_the_document_and_its_reason(house: House) -> None:
    number = await house.customer()
    await house.operator(posting="refuse", after=0, reason="Ask the controller")
    rec_id = await house.invoice(number, "K1")
    row = await house.until("K1", "rejected")
    assert row["reason"] == "Ask the controller"
    found = await house.tieout("findByKey", "K1")
    assert (found["State"], found["Reason"]) == ("Rejected", "Ask the controller")
    read = await house.call("FreeTextInvoiceService", "read", EntityKeyList=keys("RecId", rec_id))
    assert read["CustInvoiceTable"][0]["Posted"] == "No"
    refusal = await refused(house.tieout("postFreeTextInvoice", "K1"))
    assert refusal.text == "Ask the controller"
    await house.operator(posting="auto", after=0)
    await house.until("K1", "posted")


async def test_the_clerk_tries_again_when_a_reason_is_gone(house: House) -> None:
    number = await house.customer()
    await house.person("period", month="2026-02", status="Closed")
    await house.operator(posting="auto", after=0)
    await house.invoice(number, "K1", InvoiceDate="2026-02-03")
    row = await house.until("K1", "rejected")
    assert "2026-02-03 is not open" in row["reason"]
    await house.person("period", month="2026-02", status="Open")
    await house.until("K1", "posted")


async def test_standard_services_alone_tell_that_something_was_posted(house: House) -> None:
    number = await house.customer()
    await house.operator(posting="auto", after=0)
    await house.invoice(number, "K1", line("100"))
    await house.until("K1", "posted")
    criteria = where("CustInvoiceTable", "PurchOrderFormNum", "Equal", "K1")
    found = await house.call("FreeTextInvoiceService", "find", QueryCriteria=criteria)
    invoice = found["CustInvoiceTable"][0]["InvoiceId"]
    await house.payment(number, "P1", "100", MarkedInvoice=invoice)
    await house.until("P1", "posted")
    criteria = where("CustTrans", "Invoice", "Equal", invoice)
    found = await house.call("CustomerTransactionService", "find", QueryCriteria=criteria)
    trans = found["CustTrans"][0]
    assert trans["AmountCur"] == trans["SettleAmountCur"] == 100
    assert trans["Closed"] is not None


async def test_journal_orders_are_left_alone(house: House) -> None:
    number = await house.customer()
    row = {"class": "entity", "ItemId": "GOODS", "SalesQty": "1", "SalesUnit": "ea"}
    header = {
        "class": "entity",
        "CustAccount": number,
        "PurchOrderFormNum": "K1",
        "ReceiptDateRequested": "2026-03-05",
        "SalesLine": [{**row, "SalesPrice": "5"}],
    }
    for _ in range(2):
        await house.call("SalesOrderService", "create", SalesOrder={"SalesTable": [header]})
    await house.operator(posting="auto", after=0)
    await house.until("K1", "posted")
    await asyncio.sleep(0.05)
    rows = [row for row in await house.journal() if row["key"] == "K1"]
    assert sorted((row["kind"], row["state"], row["sales_type"]) for row in rows) == [
        ("invoice", "posted", ""),
        ("order", "created", "Journal"),
    ]


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    given = SandboxSettings(state=tmp_path, ax=AxSettings(companies=[COMPANY]))
    context = message_id()
    server = SandboxServer(given)
    await server.start()
    house = House(server, COMPANY)
    await house.operator(posting="wait")
    number = await house.customer(OurAccountNum="C-1")
    await house.invoice(number, "K1", context=context)
    await house.person("period", month="2026-02", status="Closed")
    before = await house.journal()
    await house.aclose()
    await server.stop()
    server = SandboxServer(given)
    await server.start()
    house = House(server, COMPANY)
    try:
        assert await house.journal() == before
        assert (await refused(house.invoice(number, "K1", context=context))).code
        closed = house.invoice(number, "K2", InvoiceDate="2026-02-03")
        await closed
        await house.operator(posting="auto", after=0)
        await house.until("K1", "posted")
        await house.until("K2", "rejected")
    finally:
        await house.aclose()
        await server.stop()


async def test_a_reset_empties_the_books_but_no_number_comes_twice(house: House) -> None:
    first = await house.customer()
    context = message_id()
    await house.invoice(first, "K1", context=context)
    await house.person("account", number="4000", suspended=True)
    await house.control.post("/reset")
    assert await house.journal() == []
    assert await house.customer() > first
    (number,) = {row["party"] for row in await house.journal()}
    assert await house.invoice(number, "K1", context=context)
    await house.operator(posting="auto", after=0)
    await house.until("K1", "posted")


@pytest.mark.parametrize(
    ("action", "given"),
    [("block", {"account": "C9", "blocked": "All"}), ("period", {}), ("nonsense", {})],
)
async def test_a_person_can_make_mistakes(house: House, action: str, given: dict[str, str]) -> None:
    assert (await house.person(action, **given)).status_code in (400, 404)
