"""From a FreshBooks invoice to posted, paid and closed in NAV, through the whole house."""

from __future__ import annotations

import pytest

from tests.e2e.house import House
from workers.demo.people import Line


@pytest.mark.parametrize("connection", ["demo-nav", "demo-nav-orders"])
async def test_an_invoice_is_posted_paid_and_closed(house: House, connection: str) -> None:
    house = house.on(connection)
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    (posted,) = await house.posted("invoice", await house.number(invoice))
    assert (posted["amount"], posted["currency"]) == ("113.00", "USD")
    assert posted["remaining"] == "0.00"


async def test_partial_payments_are_each_posted_and_applied(house: House) -> None:
    invoice = await house.sent_invoice()
    first = await house.pay(invoice, "13.00")
    await house.watch.wait(invoice, "posted")
    second = await house.pay(invoice, "100.00")
    await house.watch.wait(invoice, "closed")
    for payment, amount in ((first, "13.00"), (second, "100.00")):
        (row,) = await house.posted("payment", payment)
        assert (row["amount"], row["remaining"]) == (amount, "0.00")


async def test_a_draft_is_ignored_until_it_is_sent(house: House) -> None:
    invoice = await house.invoice()
    await house.watch.wait(invoice, "ignored")
    assert await house.posted("invoice", await house.number(invoice)) == []
    await house.clerk.send_invoice(invoice)
    await house.watch.wait(invoice, "posted")
    assert len(await house.posted("invoice", await house.number(invoice))) == 1


async def test_a_voided_invoice_becomes_a_credit_memo(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    number = await house.number(invoice)
    await house.clerk.void_invoice(invoice)
    await house.watch.wait(invoice, "closed")
    assert await house.posted("invoice", number) == []
    (memo,) = await house.posted("credit_memo", number)
    assert memo["amount"] == "113.00"


async def test_a_deleted_payment_is_reversed(house: House) -> None:
    invoice = await house.sent_invoice()
    payment = await house.pay(invoice, "50.00")
    await house.watch.wait(invoice, "posted")
    await _until_posted(house, "payment", payment, 1)
    await house.clerk.delete_payment(payment)
    await _until_posted(house, "payment", payment, 0)
    (row,) = await house.posted("invoice", await house.number(invoice))
    assert row["remaining"] == "113.00"


async def test_the_target_number_is_written_into_the_empty_po_number(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    status = await house.watch.status(invoice)
    assert status is not None
    row = await house.source_row("invoice", invoice)
    assert row["key"] == status.target_number != ""


async def test_an_unknown_account_is_held_and_goes_on_after_a_correction(house: House) -> None:
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "account-unknown"
    await house.clerk.change_lines(invoice, "USD", [Line("Service", "1", "10.00")])
    await house.watch.wait(invoice, "posted")
    (row,) = await house.posted("invoice", await house.number(invoice))
    assert row["amount"] == "10.00"


async def test_a_held_document_goes_on_after_a_retry_by_a_person(house: House) -> None:
    client = await house.new_client("Blocked for a while Ltd")
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer("Blocked for a while Ltd", "All")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "held")
    await house.block_customer("Blocked for a while Ltd", " ")
    await house.resolve(invoice, action="retry", who="Ada", why="unblocked in NAV")
    await house.watch.wait(invoice, "posted")


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"action": "retry", "who": "Ada", "why": "x"}, "the document is not held"),
        ({"action": "retry", "who": "", "why": ""}, "who and why are required"),
        ({"action": "adopt", "who": "Ada", "why": "x"}, "adopt needs the number"),
    ],
)
async def test_a_decision_that_makes_no_sense_is_refused(
    house: House, request_: dict[str, str], problem: str
) -> None:
    from temporalio.client import WorkflowUpdateFailedError

    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await house.resolve(invoice, **request_)
    assert refused.value.cause is not None
    assert problem in str(refused.value.cause) or "is not held" in str(refused.value.cause)


async def _until_posted(house: House, kind: str, document: object, count: int) -> None:
    import asyncio

    async with asyncio.timeout(30):
        while len(await house.posted(kind, document)) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
