"""The stories of order to cash that the golden histories tell, each to its end or its wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

from documents.key import Kind
from documents.naming import process_id
from tests.e2e.house import TODAY, House
from tests.e2e.test_duplicates import held_beside
from workers.access.callers import Role
from workers.demo.people import Line

Story = Callable[[House], Awaitable[str]]
"""Lives one document's life and returns the id of its process."""

LINE = Line("Advice", "1", "100.00", (("HST", "13"),))
HARDWARE = [Line("Hardware sale", "1", "10.00")]


async def ends(house: House, invoice: int, stage: str) -> str:
    await house.watch.wait(invoice, stage)
    return process_id(house.connection, Kind.INVOICE, str(invoice))


async def posted(house: House) -> int:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    return invoice


async def _held(house: House) -> int:
    invoice = await house.sent_invoice(HARDWARE)
    await house.watch.wait(invoice, "held")
    return invoice


async def paid_in_two_parts(house: House) -> str:
    invoice = await house.sent_invoice()
    await house.pay(invoice, "13.00")
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "100.00")
    return await ends(house, invoice, "closed")


async def draft_ignored(house: House) -> str:
    return await ends(house, await house.invoice(), "ignored")


async def voided_after_payment(house: House) -> str:
    invoice = await house.sent_invoice()
    await house.pay(invoice, "13.00")
    await house.watch.wait(invoice, "posted")
    await asyncio.sleep(1)
    await house.clerk.void_invoice(invoice)
    return await ends(house, invoice, "closed")


async def payment_deleted_and_paid_again(house: House) -> str:
    invoice = await house.sent_invoice()
    payment = await house.pay(invoice, "50.00")
    await house.watch.wait(invoice, "posted")
    await asyncio.sleep(1)
    await house.clerk.delete_payment(payment)
    await asyncio.sleep(1)
    await house.pay(invoice, "113.00")
    return await ends(house, invoice, "closed")


async def held_and_corrected_at_the_source(house: House) -> str:
    invoice = await _held(house)
    await house.clerk.change_lines(invoice, "USD", [Line("Service", "1", "10.00")])
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "10.00")
    return await ends(house, invoice, "closed")


async def held_and_retried_by_a_person(house: House) -> str:
    client = await house.new_client("Blocked once")
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer("Blocked once", "All")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "held")
    await house.block_customer("Blocked once", " ")
    await house.resolve(invoice, action="retry", who="Ada", why="unblocked in NAV")
    return await ends(house, invoice, "posted")


async def skipped_by_a_person(house: House) -> str:
    invoice = await _held(house)
    await house.decide(invoice, action="skip")
    return await ends(house, invoice, "ignored")


async def abandoned_by_a_person(house: House) -> str:
    invoice = await _held(house)
    await house.decide(invoice, action="abandon")
    return await ends(house, invoice, "ignored")


async def corrected_and_approved_by_a_second_person(house: House) -> str:
    invoice = await _held(house)
    await house.decide(invoice, action="correct", values={"account:4999": "4050"})
    await house.decide(invoice, role=Role.APPROVER, action="approve")
    return await ends(house, invoice, "posted")


async def posting_by_hand_adopted(house: House) -> str:
    invoice, number, _ = await held_beside(house, "Adopted Ltd")
    await house.decide(invoice, action="adopt", number=number)
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "113.00")
    return await ends(house, invoice, "closed")


async def edited_reversed_and_posted_again(house: House) -> str:
    lane = house.on("lane-2")
    invoice = await posted(lane)
    await lane.clerk.change_lines(invoice, "USD", [LINE, LINE])
    await lane.posted_again(invoice, generation=2)
    payment = await lane.pay(invoice, "100.00")
    await lane.settled("invoice", await lane.number(invoice), "126.00")
    whole = {"amount": "226.00", "code": "USD"}
    await lane.clerk.change_payment(payment, amount=whole)
    return await ends(lane, invoice, "closed")


async def late_fee_posted_and_waived(house: House) -> str:
    lane = house.on("lane-2")
    invoice = await posted(lane)
    number = await lane.number(invoice)
    for lines, standing in (([LINE, Line("Late fee", "1", "15.00")], 2), ([LINE], 1)):
        await lane.clerk.change_lines(invoice, "USD", lines)
        async with asyncio.timeout(30):
            while len(await lane.posted("invoice", number)) != standing:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await lane.pay(invoice, "113.00")
    return await ends(lane, invoice, "closed")


async def paid_from_an_over_payment(house: House) -> str:
    client = await house.new_client("Over Payer Ltd")
    first = await house.sent_invoice(client=client)
    await house.watch.wait(first, "posted")
    await house.pay(first, "150.00")
    await house.watch.wait(first, "closed")
    second = await house.sent_invoice([Line("Later", "1", "30.00")], client=client)
    (credit,) = await house.clerk.credits_of(client)
    await house.clerk.enter_payment(
        second, Decimal("30.00"), "USD", TODAY, "Credit", creditid=int(credit["id"])
    )
    return await ends(house, second, "closed")


async def refunded_in_part(house: House) -> str:
    invoice = await posted(house)
    await house.pay(invoice, "50.00")
    await house.settled("invoice", await house.number(invoice), "63.00")
    refund = await house.pay(invoice, "-13.00")
    await house.settled("payment", refund, "0.00")
    return process_id(house.connection, Kind.INVOICE, str(invoice))


async def posted_by_the_clerk_of_ax_and_paid(house: House) -> str:
    ax = house.on("demo-ax")
    invoice = await posted(ax)
    await ax.pay(invoice, "113.00")
    return await ends(ax, invoice, "closed")


async def withdrawn_while_the_clerk_of_ax_waits(house: House) -> str:
    ax = house.on("demo-ax")
    await clerk_of_ax(ax, "wait")
    try:
        invoice = await ax.sent_invoice()
        await ax.watch.wait(invoice, "created")
        await ax.clerk.void_invoice(invoice)
        await asyncio.sleep(3)
    finally:
        await clerk_of_ax(ax, "auto")
    return process_id(ax.connection, Kind.INVOICE, str(invoice))


async def clerk_of_ax(ax: House, posting: str) -> None:
    plan = {"system": "ax", "posting": posting, "after": 0.5}
    (await ax.http.post(f"{ax.ready.control}/operator", json=plan)).raise_for_status()


ORDER_TO_CASH_STORIES: tuple[Story, ...] = (
    paid_in_two_parts,
    draft_ignored,
    voided_after_payment,
    payment_deleted_and_paid_again,
    held_and_corrected_at_the_source,
    held_and_retried_by_a_person,
    skipped_by_a_person,
    abandoned_by_a_person,
    corrected_and_approved_by_a_second_person,
    posting_by_hand_adopted,
    edited_reversed_and_posted_again,
    late_fee_posted_and_waived,
    paid_from_an_over_payment,
    refunded_in_part,
    posted_by_the_clerk_of_ax_and_paid,
    withdrawn_while_the_clerk_of_ax_waits,
)
