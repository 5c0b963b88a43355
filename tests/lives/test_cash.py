"""Money enters the bank once: over-payments, credits, deposits, refunds, and who owns cash."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from documents.key import Kind
from documents.row import Action, DocumentState
from tests.bookkeeper import BANKS, RECEIVABLES
from tests.lives.desk import TODAY, begin
from tests.lives.site import Site
from workers.account.law import law_findings
from workers.demo.people import Line


async def test_an_over_payment_is_received_once_and_its_credit_is_applied(site: Site) -> None:
    desk = await begin(site)
    first = await desk.posted()
    payment = await desk.pay(first, "150.00")
    assert (await desk.look(first)).stage == "closed"
    assert await desk.open_amount(Kind.PAYMENT, payment) == "37.00"
    second = await desk.sent(Line("Later", "1", "30.00"))
    use = await desk.use_credit(second, "30.00", await desk.credit_of())
    assert (await desk.look(second)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, second) == "0.00"
    assert await desk.open_amount(Kind.PAYMENT, payment) == "7.00"
    assert await desk.balance(*BANKS) == "150.00"
    assert (await desk.row(Kind.PAYMENT, use)).state is DocumentState.POSTED


async def test_the_credit_of_an_over_payment_is_never_posted_itself(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.pay(invoice, "150.00")
    await desk.look(invoice)
    status = await desk.look_at_credit(await desk.credit_of())
    assert status.stage == "ignored"
    assert "came in with its payment" in status.reason


async def test_one_credit_pays_an_invoice_in_two_parts(site: Site) -> None:
    desk = await begin(site)
    first = await desk.posted()
    await desk.pay(first, "213.00")
    await desk.look(first)
    second, credit = await desk.sent(), await desk.credit_of()
    await desk.use_credit(second, "40.00", credit)
    await desk.look(second)
    await desk.use_credit(second, "60.00", credit)
    await desk.look(second)
    assert await desk.open_amount(Kind.INVOICE, second) == "13.00"


async def test_a_deleted_use_of_credit_opens_the_invoice_and_the_credit(site: Site) -> None:
    desk = await begin(site)
    first = await desk.posted()
    payment = await desk.pay(first, "150.00")
    await desk.look(first)
    second = await desk.sent()
    use = await desk.use_credit(second, "37.00", await desk.credit_of())
    await desk.look(second)
    await desk.clerk.delete_payment(use)
    await desk.look(second)
    assert await desk.open_amount(Kind.INVOICE, second) == "113.00"
    assert await desk.open_amount(Kind.PAYMENT, payment) == "37.00"
    assert await desk.open_amount(Kind.INVOICE, first) == "0.00"


async def test_a_use_of_a_credit_that_is_not_posted_is_held_and_goes_on_afterwards(
    site: Site,
) -> None:
    desk = await begin(site)
    first = await desk.sent()
    await desk.pay(first, "150.00")
    second = await desk.sent(Line("Later", "1", "30.00"))
    await desk.use_credit(second, "30.00", await desk.credit_of())
    status = await desk.look(second)
    assert status.cause == "credit-not-posted"
    await desk.look(first)
    assert (await desk.look(second)).stage == "closed"


async def test_a_second_payment_of_a_paid_invoice_is_unapplied_cash(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    twice = await desk.pay(invoice, "113.00")
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.PAYMENT, twice) == "113.00"
    assert await desk.balance(*BANKS) == "226.00"


async def test_a_deposit_is_a_part_payment(site: Site) -> None:
    desk = await begin(site)
    deposit = {"deposit_amount": {"amount": "50.00", "code": "USD"}}
    invoice = await desk.posted(**deposit)
    await desk.pay(invoice, "50.00")
    assert (await desk.look(invoice)).reason == "waits for payment of 63.00 USD"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "63.00"


async def test_a_prepayment_or_retainer_is_unapplied_cash_until_it_is_used(site: Site) -> None:
    desk = await begin(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "prepayment", "200.00")
    assert (await desk.look_at_credit(credit)).stage == "closed"
    assert await desk.open_amount(Kind.PREPAYMENT, credit) == "200.00"
    assert await desk.balance(*BANKS) == "200.00"
    invoice = await desk.sent()
    await desk.use_credit(invoice, "113.00", credit)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.PREPAYMENT, credit) == "87.00"
    assert await desk.balance(*BANKS) == "200.00"


async def test_a_deleted_prepayment_is_reversed(site: Site) -> None:
    desk = await begin(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "prepayment", "200.00")
    await desk.look_at_credit(credit)
    await desk.clerk.delete_credit(credit)
    assert (await desk.look_at_credit(credit)).stage == "closed"
    assert await desk.balance(*BANKS, *RECEIVABLES) == "0.00"


async def test_a_goodwill_credit_is_a_credit_memo_that_pays_a_later_invoice(site: Site) -> None:
    desk = await begin(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    assert (await desk.look_at_credit(credit)).stage == "closed"
    entry = await desk.entry(Kind.CREDIT_NOTE, credit)
    assert (entry["Document_Type"], entry["Amount"]) == ("Credit Memo", -40)
    invoice = await desk.sent()
    await desk.use_credit(invoice, "40.00", credit)
    assert (await desk.look(invoice)).reason == "waits for payment of 73.00 USD"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "73.00"
    assert await desk.balance(*BANKS) == "0.00"


async def test_a_deleted_goodwill_credit_is_taken_back(site: Site) -> None:
    desk = await begin(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    await desk.clerk.delete_credit(credit)
    status = await desk.look_at_credit(credit)
    assert status.reason == "deleted at the source, reversed in the target"
    assert await desk.balance(*RECEIVABLES) == "0.00"


async def test_a_credit_that_is_deleted_while_it_pays_an_invoice_is_held(site: Site) -> None:
    desk = await begin(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    invoice = await desk.sent()
    await desk.use_credit(invoice, "40.00", credit)
    await desk.look(invoice)
    await desk.clerk.delete_credit(credit)
    assert (await desk.look_at_credit(credit)).cause == "credit-in-use"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "73.00"


@pytest.mark.parametrize("refunded", ["113.00", "50.00"])
async def test_a_refund_gives_back_what_was_paid_and_opens_the_invoice(
    site: Site, refunded: str
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    refund = await desk.pay(invoice, f"-{refunded}")
    assert (await desk.look(invoice)).reason == f"waits for payment of {refunded} USD"
    entry = await desk.entry(Kind.REFUND, refund)
    assert (entry["Document_Type"], entry["Amount"]) == ("Refund", Decimal(refunded))
    assert await desk.open_amount(Kind.REFUND, refund) == "0.00"
    assert await desk.open_amount(Kind.PAYMENT, payment) == "0.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == refunded
    assert Decimal(await desk.balance(*BANKS)) == 113 - Decimal(refunded)


async def test_a_refund_that_is_deleted_is_taken_back(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.pay(invoice, "113.00")
    refund = await desk.pay(invoice, "-50.00")
    await desk.look(invoice)
    await desk.clerk.delete_payment(refund)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"
    assert await desk.balance(*BANKS) == "113.00"


async def test_the_first_of_two_payments_can_be_taken_back(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    first = await desk.pay(invoice, "13.00")
    await desk.look(invoice)
    second = await desk.pay(invoice, "50.00")
    await desk.look(invoice)
    await desk.clerk.delete_payment(first)
    assert (await desk.look(invoice)).reason == "waits for payment of 63.00 USD"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "63.00"
    assert await desk.open_amount(Kind.PAYMENT, second) == "0.00"


async def test_a_payment_in_another_currency_is_held_and_can_be_left_alone(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "100.00", currency="EUR")
    status = await desk.look(invoice)
    assert status.cause == "payment-currency"
    assert await desk.entries(Kind.PAYMENT, payment) == []
    status = await desk.decide(invoice, Action.SKIP)
    assert status.reason == "waits for payment of 113.00 USD"
    row = await desk.row(Kind.PAYMENT, payment)
    assert (row.state, row.reason) == (DocumentState.IGNORED, "skip decided by Ada")


async def test_a_payment_before_its_invoice_is_posted_unapplied_and_applied_afterwards(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "113.00", day=TODAY - timedelta(days=20))
    status = await desk.look(invoice)
    assert (status.stage, status.steps) == ("closed", ["post payment", "apply payment"])
    assert str((await desk.entry(Kind.PAYMENT, payment))["Posting_Date"]) == str(
        TODAY - timedelta(days=20)
    )
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"


async def test_a_payment_that_the_bank_reconciliation_matched_is_held_and_never_reversed(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    entry = await desk.entry(Kind.PAYMENT, payment)
    await desk.books.reconcile(entry["Document_No"])
    await desk.clerk.delete_payment(payment)
    status = await desk.look(invoice)
    assert status.cause == "bank-reconciled"
    assert await desk.balance(*BANKS) == "113.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"
    status = await desk.decide(invoice, Action.SKIP)
    assert (await desk.entry(Kind.PAYMENT, payment))["Reversed"] is False


async def test_an_entry_that_people_settled_closes_with_a_proposal(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    number = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    await desk.books.write_off(await desk.customer(), "113.00", TODAY, number)
    status = await desk.look(invoice)
    assert status.stage == "closed"
    assert status.reason.startswith("settled in target: FreshBooks still shows 113.00 USD")
    assert "record the payment or a credit" in status.reason


async def test_money_for_an_entry_that_people_settled_is_held(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    number = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    await desk.books.write_off(await desk.customer(), "113.00", TODAY, number)
    await desk.pay(invoice, "50.00")
    status = await desk.look(invoice)
    assert status.cause == "applies-to-closed"
    assert await desk.balance(*BANKS) == "0.00"


async def test_where_the_bank_feed_owns_cash_payments_are_compared_and_never_posted(
    site: Site,
) -> None:
    desk = await begin(site, cash_owner="bank feed")
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "113.00")
    status = await desk.look(invoice)
    assert status.reason == "paid at the source; 113.00 USD is open in the target"
    row = await desk.row(Kind.PAYMENT, payment)
    assert row.state is DocumentState.IGNORED
    assert "bank feed owns cash" in row.reason
    assert await desk.balance(*BANKS) == "0.00"
    number = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    await desk.books.receipt(await desk.customer(), "113.00", TODAY, settles=number)
    assert (await desk.look(invoice)).stage == "closed"


async def test_where_the_bank_feed_owns_cash_a_goodwill_credit_still_pays(site: Site) -> None:
    desk = await begin(site, cash_owner="bank feed")
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    prepaid = await desk.clerk.write_credit(desk.client, "USD", TODAY, "prepayment", "20.00")
    assert (await desk.look_at_credit(prepaid)).stage == "ignored"
    invoice = await desk.sent()
    await desk.use_credit(invoice, "40.00", credit)
    await desk.look(invoice)
    assert await desk.open_amount(Kind.INVOICE, invoice) == "73.00"


async def test_credit_of_an_over_payment_pays_the_same_invoice_after_it_was_edited(
    site: Site,
) -> None:
    """FreshBooks counts of the money what it counted before the edit, and the credit beside it."""
    desk = await begin(site)
    invoice = await desk.sent()
    await desk.pay(invoice, "150.00", TODAY - timedelta(days=3))
    await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "1", "200.00")])
    await desk.use_credit(invoice, "37.00", await desk.credit_of())
    last = await desk.pay(invoice, "50.00", TODAY - timedelta(days=3))
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"
    assert await desk.open_amount(Kind.PAYMENT, last) == "0.00"


async def test_credit_of_an_over_payment_is_left_for_others_when_its_invoice_is_edited(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice, other = await desk.sent(), await desk.posted(Line("More", "1", "37.00"))
    await desk.pay(invoice, "150.00")
    await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "1", "200.00")])
    await desk.pay(invoice, "60.00")
    await desk.look(invoice)
    assert await desk.open_amount(Kind.INVOICE, invoice) == "27.00"
    await desk.use_credit(other, "37.00", await desk.credit_of())
    status = await desk.look(other)
    assert status.stage == "closed", status


async def test_a_refund_beside_an_over_payment_opens_the_invoice_and_leaves_the_credit(
    site: Site,
) -> None:
    """An over-paid invoice is edited down and the difference given back; then more is paid too
    much, and a refund of the invoice's own money follows."""
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.sent()
    await desk.pay(invoice, "150.00")
    await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "1", "100.00")])
    await desk.pay(invoice, "-13.00")
    last = await desk.pay(invoice, "27.00")
    await desk.look(invoice)
    await desk.pay(invoice, "-9.00")
    assert (await desk.look(invoice)).stage == "posted"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "9.00"
    assert await desk.open_amount(Kind.PAYMENT, last) == "27.00"


async def test_a_payment_that_people_reversed_and_released_stands_once(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    ours = site.connection.key(Kind.PAYMENT, str(payment))
    await desk.books.reverse_payment(ours.text(), TODAY)
    assert (await desk.look(invoice)).cause == "reversed-in-target"
    assert (await desk.decide(invoice, Action.RELEASE)).stage == "closed"
    assert await desk.balance(*BANKS) == "113.00"
    assert await law_findings(site.store, site.connection.name) == []
