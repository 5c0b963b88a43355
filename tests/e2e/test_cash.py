"""Credits, deposits, refunds and prepayments, through the whole house."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.e2e.house import TODAY, House
from workers.demo.people import Line


async def test_an_over_payment_pays_a_later_invoice_and_enters_the_bank_once(house: House) -> None:
    client = await house.new_client("Over Payer Ltd")
    first = await house.sent_invoice(client=client)
    await house.watch.wait(first, "posted")
    payment = await house.pay(first, "150.00")
    await house.watch.wait(first, "closed")
    second = await house.sent_invoice([Line("Later", "1", "30.00")], client=client)
    (credit,) = await house.clerk.credits_of(client)
    await house.clerk.enter_payment(
        second, Decimal("30.00"), "USD", TODAY, "Credit", creditid=int(credit["id"])
    )
    await house.watch.wait(second, "closed")
    row = await house.entry("payment", payment)
    assert (row["amount"], row["remaining"], len(row["applies_to"])) == ("150.00", "7.00", 2)
    async with house.books() as books:
        banked = await books.rows("BankAccountLedgerEntries", Document_No=row["number"])
        assert [entry["Amount"] for entry in banked] == [150]


async def test_a_deposit_is_a_part_payment(house: House) -> None:
    client = await house.new_client()
    deposit = {"amount": "50.00", "code": "USD"}
    invoice = await house.clerk.write_invoice(
        client, "USD", TODAY, [Line("Advice", "1", "200.00")], deposit_amount=deposit
    )
    await house.clerk.send_invoice(invoice)
    payment = await house.pay(invoice, "50.00")
    await house.settled("payment", payment, "0.00")
    await house.settled("invoice", await house.number(invoice), "150.00")


async def test_a_refund_is_posted_as_one_and_opens_the_invoice(house: House) -> None:
    invoice = await house.sent_invoice()
    payment = await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    refund = await house.pay(invoice, "-13.00")
    row = await house.settled("payment", refund, "0.00")
    assert (row["amount"], row["document_type"]) == ("13.00", "Refund")
    await house.settled("payment", payment, "0.00")
    await house.settled("invoice", await house.number(invoice), "13.00")


@pytest.mark.parametrize(
    ("kind", "entry"), [("goodwill", "credit_memo"), ("prepayment", "payment")]
)
async def test_a_credit_is_posted_by_its_own_process_and_pays_an_invoice(
    house: House, kind: str, entry: str
) -> None:
    client = await house.new_client()
    credit = await house.clerk.write_credit(client, "USD", TODAY, kind, "40.00")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "posted")
    await house.clerk.enter_payment(
        invoice, Decimal("40.00"), "USD", TODAY, "Credit", creditid=credit
    )
    await house.settled("invoice", await house.number(invoice), "73.00")
    (found,) = [c for c in await house.clerk.credits_of(client) if int(c["id"]) == credit]
    document = found["credit_number"] if kind == "goodwill" else credit
    row = await house.entry(entry, document)
    assert (row["amount"], row["remaining"]) == ("40.00", "0.00")


async def test_a_payment_in_another_currency_is_held_with_both(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    payment = await house.pay(invoice, "100.00", currency="EUR")
    await house.watch.wait(invoice, "held")
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "payment-currency"
    assert await house.posted("payment", payment) == []
    await house.clerk.delete_payment(payment)
    await house.watch.wait(invoice, "posted")
