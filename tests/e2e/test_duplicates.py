"""What people post by hand, through the whole house."""

from __future__ import annotations

import pytest

from tests.e2e.house import TODAY, House
from workers.demo.people import Line
from workflows.status import Status


async def held_beside(house: House, name: str) -> tuple[int, str, Status]:
    """An invoice that is held because people posted one of its amount."""
    client = await house.new_client(name)
    await house.watch.wait(
        await house.sent_invoice([Line("Before", "1", "1.00")], client=client), "posted"
    )
    async with house.books() as books:
        (customer,) = await books.rows("Customer", Name=name)
        number = await books.invoice(customer["No"], "113.00", TODAY)
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "held")
    status = await house.watch.status(invoice)
    assert status is not None
    return invoice, number, status


async def test_a_posting_by_hand_is_adopted_and_never_posted_again(house: House) -> None:
    invoice, number, status = await held_beside(house, "Adopted Ltd")
    assert status.hold is not None
    assert (status.hold.cause, status.hold.values["numbers"]) == ("possible-duplicate", number)
    await house.decide(invoice, action="adopt", number=number)
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    assert await house.posted("invoice", await house.number(invoice)) == []


async def test_a_released_document_is_posted_beside_it(house: House) -> None:
    invoice, _, _ = await held_beside(house, "Released Ltd")
    await house.decide(invoice, action="release")
    await house.watch.wait(invoice, "posted")
    assert len(await house.posted("invoice", await house.number(invoice))) == 1


@pytest.mark.parametrize("action", ["release", "skip"])
async def test_a_payment_that_people_may_have_posted_is_decided_by_itself(
    house: House, action: str
) -> None:
    name = f"Payment {action} Ltd"
    client = await house.new_client(name)
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "posted")
    async with house.books() as books:
        (customer,) = await books.rows("Customer", Name=name)
        await books.receipt(customer["No"], "50.00", TODAY)
    payment = await house.pay(invoice, "50.00")
    await house.watch.wait(invoice, "held")
    await house.decide(invoice, action=action)
    await house.watch.wait(invoice, "posted")
    assert len(await house.posted("payment", payment)) == (action == "release")
