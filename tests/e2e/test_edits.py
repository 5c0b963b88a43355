"""Edits after posting with each policy, through the whole house."""

from __future__ import annotations

from tests.e2e.house import House
from workers.demo.people import Line

LINE = Line("Advice", "1", "100.00", (("HST", "13"),))
MORE = Line("Advice", "2", "100.00", (("HST", "13"),))


async def test_an_edit_is_held_and_goes_on_when_it_is_undone(house: House) -> None:
    invoice = await house.sent_invoice([LINE])
    await house.watch.wait(invoice, "posted")
    await house.clerk.change_lines(invoice, "USD", [MORE])
    await house.watch.wait(invoice, "held")
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "edited-after-posting"
    await house.clerk.change_lines(invoice, "USD", [LINE])
    await house.watch.wait(invoice, "posted")
    assert (await house.entry("invoice", await house.number(invoice)))["amount"] == "113.00"


async def test_by_the_other_policy_a_paid_invoice_is_reversed_and_posted_again(
    house: House,
) -> None:
    lane = house.on("lane-2")
    invoice = await lane.sent_invoice([LINE])
    payment = await lane.pay(invoice, "113.00")
    await lane.watch.wait(invoice, "closed")
    await lane.clerk.change_lines(invoice, "USD", [MORE])
    row = await lane.posted_again(invoice, generation=2)
    assert row["amount"] == "226.00"
    await lane.settled("invoice", row["document"], "113.00")
    assert (await lane.entry("payment", payment))["remaining"] == "0.00"


async def test_a_void_of_a_paid_invoice_leaves_unapplied_cash(house: House) -> None:
    invoice = await house.sent_invoice([LINE])
    payment = await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    await house.clerk.void_invoice(invoice)
    await house.settled("payment", payment, "113.00")
    await house.gone("invoice", await house.number(invoice))
    await house.clerk.delete_payment(payment)
    await house.gone("payment", payment)
