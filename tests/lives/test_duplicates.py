"""What people posted by hand: found, held, adopted or released; never posted a second time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import BANKS, RECEIVABLES
from tests.lives.desk import HST, TODAY, Desk, begin
from tests.lives.site import Site
from workers.demo.people import Line


async def known(site: Site) -> Desk:
    """A client whose customer is in NAV, with an invoice of another amount."""
    desk = await begin(site)
    await desk.posted(Line("Before", "1", "1.00"))
    return desk


async def test_an_invoice_that_people_posted_is_held_with_its_number(site: Site) -> None:
    desk = await known(site)
    number = await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    status = await desk.look(invoice)
    assert status.hold is not None
    assert (status.cause, status.hold.values["numbers"]) == ("possible-duplicate", number)
    assert await desk.entries(Kind.INVOICE, invoice) == []


async def test_an_adopted_invoice_is_paid_and_never_posted_by_any_later_look(site: Site) -> None:
    desk = await known(site)
    number = await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    await desk.look(invoice)
    assert (await desk.decide(invoice, Action.ADOPT, number)).stage == "posted"
    for _ in range(3):
        assert (await desk.look(invoice)).steps == []
    await desk.pay(invoice, "113.00")
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.entries(Kind.INVOICE, invoice) == []
    assert await desk.balance(*RECEIVABLES) == "1.00"


async def test_an_adopted_number_stands_for_one_document_only(site: Site) -> None:
    desk = await known(site)
    number = await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    first, second = await desk.sent(), await desk.sent()
    for invoice in (first, second):
        await desk.look(invoice)
    await desk.decide(first, Action.ADOPT, number)
    status = await desk.decide(second, Action.ADOPT, number)
    assert status.cause == "number-taken"


@pytest.mark.parametrize("amount", ["113.01", "100.00"])
async def test_what_differs_is_not_adopted(site: Site, amount: str) -> None:
    desk = await known(site)
    wrong = await desk.books.invoice(await desk.customer(), amount, TODAY)
    await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.ADOPT, wrong)
    assert status.cause == "adopted-differs"
    assert amount in status.reason


async def test_a_number_that_is_not_there_is_not_adopted(site: Site) -> None:
    desk = await known(site)
    await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.ADOPT, "NOWHERE")
    assert status.cause == "adopted-not-found"


async def test_a_void_of_an_adopted_invoice_is_held(site: Site) -> None:
    desk = await known(site)
    number = await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    await desk.look(invoice)
    await desk.decide(invoice, Action.ADOPT, number)
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert status.cause == "adopted-reversal"
    assert await desk.balance(*RECEIVABLES) == "114.00"


async def test_a_released_invoice_is_posted_beside_the_other(site: Site) -> None:
    desk = await known(site)
    await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    await desk.look(invoice)
    assert (await desk.decide(invoice, Action.RELEASE)).stage == "posted"
    assert await desk.balance(*RECEIVABLES) == "227.00"


async def test_a_posting_days_away_is_no_possible_duplicate(site: Site) -> None:
    desk = await known(site)
    await desk.books.invoice(await desk.customer(), "113.00", TODAY - timedelta(days=30))
    assert (await desk.look(await desk.sent())).stage == "posted"


async def test_a_payment_that_people_posted_is_held_and_adopted(site: Site) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    entry = await desk.entry(Kind.INVOICE, invoice)
    number = await desk.books.receipt(
        await desk.customer(), "50.00", TODAY, settles=entry["Document_No"]
    )
    payment = await desk.pay(invoice, "50.00")
    status = await desk.look(invoice)
    assert status.hold is not None
    assert (status.cause, status.hold.values["numbers"]) == ("possible-duplicate", number)
    status = await desk.decide(invoice, Action.ADOPT, number)
    assert status.reason == "waits for payment of 63.00 USD"
    assert await desk.entries(Kind.PAYMENT, payment) == []
    assert await desk.balance(*BANKS) == "50.00"
    assert (await desk.row(Kind.PAYMENT, payment)).target_number == number


async def test_a_payment_that_people_posted_and_did_not_apply_waits_for_them(site: Site) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    number = await desk.books.receipt(await desk.customer(), "113.00", TODAY)
    await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.ADOPT, number)
    assert status.cause == "apply-by-hand"
    await desk.books.apply(number, (await desk.entry(Kind.INVOICE, invoice))["Document_No"])
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.balance(*BANKS) == "113.00"


async def test_an_adopted_payment_that_is_deleted_at_the_source_is_held(site: Site) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    entry = await desk.entry(Kind.INVOICE, invoice)
    number = await desk.books.receipt(
        await desk.customer(), "113.00", TODAY, settles=entry["Document_No"]
    )
    payment = await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    await desk.decide(invoice, Action.ADOPT, number)
    await desk.clerk.delete_payment(payment)
    assert (await desk.look(invoice)).cause == "adopted-reversal"
    assert await desk.balance(*BANKS) == "113.00"


async def test_a_released_payment_is_posted_and_releases_no_other(site: Site) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    await desk.books.receipt(await desk.customer(), "50.00", TODAY)
    first = await desk.pay(invoice, "50.00")
    await desk.look(invoice)
    assert (await desk.decide(invoice, Action.RELEASE)).stage == "posted"
    assert await desk.open_amount(Kind.PAYMENT, first) == "0.00"
    await desk.pay(invoice, "50.00")
    assert (await desk.look(invoice)).cause == "possible-duplicate"


async def test_a_payment_that_people_leave_out_is_ignored_and_the_next_one_posted(
    site: Site,
) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    await desk.books.receipt(await desk.customer(), "50.00", TODAY)
    first = await desk.pay(invoice, "50.00")
    await desk.look(invoice)
    await desk.decide(invoice, Action.ABANDON)
    second = await desk.pay(invoice, "13.00")
    await desk.look(invoice)
    assert await desk.entries(Kind.PAYMENT, first) == []
    assert await desk.open_amount(Kind.PAYMENT, second) == "0.00"


async def credit_posted_by_hand(desk: Desk, kind: str) -> str:
    customer = await desk.customer()
    by_hand = desk.books.credit if kind == "goodwill" else desk.books.receipt
    return await by_hand(customer, "40.00", TODAY)


@pytest.mark.parametrize("kind", ["goodwill", "prepayment"])
async def test_a_credit_that_people_posted_is_held_and_adopted(site: Site, kind: str) -> None:
    desk = await known(site)
    number = await credit_posted_by_hand(desk, kind)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, kind, "40.00")
    status = await desk.look_at_credit(credit)
    assert status.hold is not None
    assert (status.cause, status.hold.values["numbers"]) == ("possible-duplicate", number)
    status = await desk.driver.decide(Kind.CREDIT_NOTE, credit, Action.ADOPT, number)
    assert (status.stage, status.reason) == ("closed", f"posted as {number}")
    assert await desk.balance(*RECEIVABLES) == "-39.00"
    await desk.clerk.delete_credit(credit)
    assert (await desk.look_at_credit(credit)).cause == "adopted-reversal"


@pytest.mark.parametrize("kind", ["goodwill", "prepayment"])
async def test_a_credit_that_is_none_of_those_people_posted_is_released(
    site: Site, kind: str
) -> None:
    desk = await known(site)
    await credit_posted_by_hand(desk, kind)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, kind, "40.00")
    await desk.look_at_credit(credit)
    status = await desk.driver.decide(Kind.CREDIT_NOTE, credit, Action.RELEASE)
    assert status.stage == "closed"
    assert await desk.balance(*RECEIVABLES) == "-79.00"


async def test_a_refund_that_people_posted_is_held_with_its_number(site: Site) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    number = await desk.books.refund(await desk.customer(), "50.00", TODAY)
    await desk.pay(invoice, "-50.00")
    status = await desk.look(invoice)
    assert status.hold is not None
    assert (status.cause, status.hold.values["numbers"]) == ("possible-duplicate", number)
    assert await desk.balance(*BANKS) == "63.00"


@pytest.mark.parametrize("amount", ["50.00", "113.00"])
@pytest.mark.parametrize("deed", ["edit", "void"])
async def test_an_adopted_payment_is_made_loose_by_people_before_its_invoice_is_taken_back(
    site: Site, deed: str, amount: str
) -> None:
    """The step that could not find it ended as if a draft waited for somebody: nothing was taken
    back, and nobody was told."""
    desk = await begin(site, edits="reverse and repost")
    await desk.posted(Line("Known", "1", "1.00"))
    invoice = await desk.posted()
    settles = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    number = await desk.books.receipt(await desk.customer(), amount, TODAY, settles=settles)
    await desk.pay(invoice, amount)
    await desk.look(invoice)
    await desk.decide(invoice, Action.ADOPT, number)
    if deed == "void":
        await desk.clerk.void_invoice(invoice)
    else:
        await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "2", "100.00", HST)])
    status = await desk.look(invoice)
    assert (status.cause, status.steps) == ("unapply-by-hand", []), status
    await desk.books.unapply(number)
    status = await desk.look(invoice)
    assert status.cause == ("" if deed == "void" else "apply-by-hand"), status
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"
    owed = Decimal("1.00") + (Decimal("226.00") if deed == "edit" else 0) - Decimal(amount)
    assert Decimal(await desk.balance(*RECEIVABLES)) == owed


async def test_a_refund_of_a_payment_that_people_posted_is_applied_by_them(site: Site) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    settles = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    number = await desk.books.receipt(await desk.customer(), "113.00", TODAY, settles=settles)
    await desk.pay(invoice, "113.00")
    await desk.look(invoice)
    await desk.decide(invoice, Action.ADOPT, number)
    refund = await desk.pay(invoice, "-13.00")
    status = await desk.look(invoice)
    assert (status.cause, status.steps) == ("apply-by-hand", ["post payment"]), status
    assert await desk.open_amount(Kind.REFUND, refund) == "13.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"


async def test_a_credit_that_people_posted_is_made_loose_by_them_before_a_void(
    site: Site,
) -> None:
    desk = await known(site)
    number = await credit_posted_by_hand(desk, "goodwill")
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    await desk.driver.decide(Kind.CREDIT_NOTE, credit, Action.ADOPT, number)
    invoice = await desk.posted()
    await desk.use_credit(invoice, "40.00", credit)
    await desk.look(invoice)
    await desk.books.apply(number, (await desk.entry(Kind.INVOICE, invoice))["Document_No"])
    assert (await desk.look(invoice)).reason == "waits for payment of 73.00 USD"
    await desk.clerk.void_invoice(invoice)
    assert (await desk.look(invoice)).cause == "unapply-by-hand"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "73.00"
    await desk.books.unapply(number)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"


@pytest.mark.parametrize(
    ("paid", "left"),
    [(["113.00"], ["0.00"]), (["63.00", "50.00"], ["0.00", "0.00"]), (["163.00"], ["50.00"])],
    ids=["one payment", "the last payment", "beside a credit"],
)
async def test_an_adopted_refund_is_applied_where_it_is_certain_whose_money_it_gives_back(
    site: Site, paid: list[str], left: list[str]
) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    payments = [await desk.pay(invoice, each) for each in paid]
    await desk.look(invoice)
    number = await desk.books.refund(await desk.customer(), "50.00", TODAY)
    await desk.pay(invoice, "-50.00")
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.ADOPT, number)
    assert status.hold is None, status
    (refund,) = await desk.books.rows("CustomerLedgerEntries", Document_No=number)
    assert refund["Remaining_Amount"] == 0
    assert await desk.open_amount(Kind.INVOICE, invoice) == "50.00"
    assert [await desk.open_amount(Kind.PAYMENT, each) for each in payments] == left


async def test_an_adopted_refund_that_may_give_back_either_of_two_payments_is_applied_by_hand(
    site: Site,
) -> None:
    desk = await known(site)
    invoice = await desk.posted()
    first, second = [await desk.pay(invoice, each) for each in ("83.00", "30.00")]
    await desk.look(invoice)
    number = await desk.books.refund(await desk.customer(), "50.00", TODAY)
    await desk.pay(invoice, "-50.00")
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.ADOPT, number)
    assert status.cause == "apply-by-hand", status
    for each in (first, second):
        assert await desk.open_amount(Kind.PAYMENT, each) == "0.00"
    (refund,) = await desk.books.rows("CustomerLedgerEntries", Document_No=number)
    assert refund["Remaining_Amount"] == 50


async def test_a_credit_of_before_the_cut_over_is_adopted_by_its_number(site: Site) -> None:
    desk = await begin(site, cut_over_date=TODAY)
    await desk.posted(Line("Before", "1", "1.00"))
    day = TODAY - timedelta(days=40)
    credit = await desk.clerk.write_credit(desk.client, "USD", day, "goodwill", "40.00")
    assert (await desk.look_at_credit(credit)).cause == "opening-entry-missing"
    await desk.books.credit(await desk.customer(), "40.00", day, "OPEN-1")
    status = await desk.driver.decide(Kind.CREDIT_NOTE, credit, Action.ADOPT, "OPEN-1")
    assert (status.stage, status.reason) == ("closed", "linked to OPEN-1")
