"""From a bill of a vendor to one that is paid in the ERP, through the whole house."""

from __future__ import annotations

from uuid import uuid4

import pytest
import pytest_asyncio

from tests.e2e.bills import PAPER, TAXI, Payables, open_payables
from tests.e2e.house import TODAY, House


@pytest_asyncio.fixture(loop_scope="session", params=["demo-nav", "demo-ax"])
async def payables(house: House, request: pytest.FixtureRequest) -> Payables:
    return await open_payables(house.on(request.param))


async def test_a_bill_is_posted_paid_in_two_parts_and_closed(payables: Payables) -> None:
    bill = await payables.enter()
    status = await payables.wait(bill, "posted", "waits for payment of 125.50 USD")
    (posted,) = await payables.house.posted("expense", status.document_number)
    assert (posted["amount"], posted["party"]) == ("125.50", "V-PAPER")
    first = await payables.pay(bill, "25.50")
    await payables.wait(bill, "posted", "waits for payment of 100.00 USD")
    rest = await payables.pay(bill, "100.00")
    await payables.wait(bill, "closed", "paid and settled on both sides")
    assert set((await payables.rows(bill, first, rest)).values()) == {"posted"}
    assert await payables.law_findings() == []


async def test_a_bill_in_euro_is_paid_in_euro(payables: Payables) -> None:
    bill = await payables.enter(PAPER, currency="EUR")
    await payables.wait(bill, "posted", "waits for payment of 113.00 EUR")
    await payables.pay(bill, "113.00", "EUR")
    await payables.wait(bill, "closed")


async def test_a_bill_that_is_deleted_before_payment_is_reversed(payables: Payables) -> None:
    bill = await payables.enter()
    status = await payables.wait(bill, "posted")
    await payables.house.clerk.change_bill(bill, vis_state=1)
    await payables.wait(bill, "closed", "reversed")
    left = await payables.house.posted("expense", status.document_number)
    assert [row["key"] for row in left if f"-B{bill}-" in row["key"]] == []


async def test_a_payment_that_is_deleted_is_taken_back_and_the_bill_is_open_again(
    payables: Payables,
) -> None:
    bill = await payables.enter(PAPER, currency="EUR")
    await payables.wait(bill, "posted")
    payment = await payables.pay(bill, "13.00", "EUR")
    await payables.wait(bill, "posted", "waits for payment of 100.00 EUR")
    await payables.house.clerk.delete_bill_payment(payment)
    await payables.look_again(bill)
    await payables.wait(bill, "posted", "waits for payment of 113.00 EUR")
    await payables.pay(bill, "113.00", "EUR")
    await payables.wait(bill, "closed", "paid and settled on both sides")


async def test_a_bill_that_is_edited_after_payment_is_held(payables: Payables) -> None:
    bill = await payables.enter()
    await payables.wait(bill, "posted")
    await payables.pay(bill, "25.50")
    await payables.wait(bill, "posted", "waits for payment of 100.00 USD")
    await payables.house.clerk.change_bill_lines(bill, [PAPER])
    assert await payables.held(bill) == "edited-after-payment"


async def test_the_same_number_of_a_vendor_is_held_wherever_it_stands(payables: Payables) -> None:
    vendor = await payables.house.clerk.enter_vendor("Harbour Paper", "V-PAPER")
    number = f"HP-{uuid4().hex[:8]}"
    enter = payables.house.clerk.enter_bill
    first = await enter(vendor, number, TODAY, [TAXI])
    await payables.wait(first, "posted")
    assert await payables.held(await enter(vendor, number, TODAY, [TAXI])) == "duplicate-bill"


async def test_a_bill_of_a_vendor_whom_nobody_knows_is_held(payables: Payables) -> None:
    vendor = await payables.house.clerk.enter_vendor("Anonymous Ltd")
    bill = await payables.house.clerk.enter_bill(vendor, "A-1", TODAY, [TAXI])
    assert await payables.held(bill) == "vendor-unknown"


async def test_lost_replies_pay_no_vendor_twice(payables: Payables) -> None:
    system = payables.house.connection.removeprefix("demo-")
    await payables.house.fault(
        system=system,
        method="POST",
        path=".*(Codeunit|Tieout|Journal).*",
        fault="reset_after",
        times=2,
    )
    before = await payables.house.fault_hits()
    bill = await payables.enter(PAPER)
    status = await payables.wait(bill, "posted", "waits for payment", 90)
    await payables.pay(bill, "113.00")
    await payables.wait(bill, "closed", "paid and settled on both sides", 90)
    assert await payables.house.fault_hits() > before
    stands = await payables.house.posted("expense", status.document_number)
    assert [row["key"] for row in stands] == [f"{stands[0]['key'].partition('-')[0]}-B{bill}-1"]
    assert await payables.law_findings() == []
