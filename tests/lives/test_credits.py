"""Credits and prepayments as documents: edited, taken back, found posted by hand, decided about."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import BANKS, RECEIVABLES
from tests.lives.desk import TODAY, Desk, begin
from tests.lives.site import Site
from workers.demo.people import Line

KINDS = {"goodwill": Kind.CREDIT_NOTE, "prepayment": Kind.PREPAYMENT}


async def posted(desk: Desk, kind: str, amount: str = "40.00") -> int:
    """A credit that is in NAV's books."""
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, kind, amount)
    assert (await desk.look_at_credit(credit)).stage == "closed"
    return credit


@pytest.mark.parametrize("kind", KINDS)
async def test_an_edited_credit_is_held_and_its_row_says_what_was_posted(
    site: Site, kind: str
) -> None:
    desk = await begin(site, edits="hold")
    credit = await posted(desk, kind)
    await desk.clerk.change_credit(credit, "USD", "400.00")
    status = await desk.look_at_credit(credit)
    assert status.hold is not None
    assert (status.cause, status.steps) == ("edited-after-posting", [])
    assert status.hold.values == {"posted": "40.00 USD", "source": "400.00 USD"}
    assert str((await desk.row(Kind.CREDIT_NOTE, credit)).amount) == "40.00 USD"
    await desk.clerk.change_credit(credit, "USD", "40.00")
    assert (await desk.look_at_credit(credit)).stage == "closed"


@pytest.mark.parametrize("kind", KINDS)
async def test_an_edited_credit_is_reversed_and_posted_anew(site: Site, kind: str) -> None:
    desk = await begin(site, edits="reverse and repost")
    credit = await posted(desk, kind)
    await desk.clerk.change_credit(credit, "USD", "400.00")
    status = await desk.look_at_credit(credit)
    settled = ["settle reversal"] if kind == "goodwill" else []
    prepared = "prepare credit note again"
    assert status.steps == [prepared, "reverse credit note", *settled, "post credit note"]
    assert status.stage == "closed"
    assert await desk.balance(*RECEIVABLES) == "-400.00"
    assert await desk.open_amount(KINDS[kind], credit, 2) == "400.00"
    assert str((await desk.row(Kind.CREDIT_NOTE, credit)).amount) == "400.00 USD"


async def test_an_edited_credit_that_pays_an_invoice_is_held(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    credit = await posted(desk, "goodwill")
    invoice = await desk.sent()
    await desk.use_credit(invoice, "30.00", credit)
    await desk.look(invoice)
    await desk.clerk.change_credit(credit, "USD", "60.00")
    status = await desk.look_at_credit(credit)
    assert status.cause == "edited-after-posting"
    assert "30.00 USD of it pays invoices" in status.reason
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "10.00"


async def test_a_credit_that_people_reversed_is_held(site: Site) -> None:
    desk = await begin(site)
    credit = await posted(desk, "prepayment")
    ours = site.connection.key(Kind.PREPAYMENT, str(credit))
    await desk.books.reverse_payment(ours.text(), TODAY)
    assert (await desk.look_at_credit(credit)).cause == "reversed-in-target"
    assert await desk.balance(*BANKS) == "0.00"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_credit_of_a_closed_period_is_posted_on_the_day_that_a_person_names(
    site: Site, kind: str
) -> None:
    desk = await begin(site)
    await desk.books.allow_posting(TODAY)
    day = TODAY - timedelta(days=40)
    credit = await desk.clerk.write_credit(desk.client, "USD", day, kind, "40.00")
    assert (await desk.look_at_credit(credit)).cause == "period-closed"
    values = {"posting_date": TODAY.isoformat()}
    status = await desk.driver.decide(Kind.CREDIT_NOTE, credit, Action.CORRECT, "", values)
    assert status.stage == "closed"
    assert str((await desk.entry(KINDS[kind], credit))["Posting_Date"]) == str(TODAY)


@pytest.mark.parametrize("used", ["0.00", "20.00"])
async def test_a_refund_after_an_over_payment_opens_the_invoice_and_leaves_the_credit(
    site: Site, used: str
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "150.00")
    await desk.look(invoice)
    if Decimal(used):
        other = await desk.sent()
        await desk.use_credit(other, used, await desk.credit_of())
        await desk.look(other)
    refund = await desk.pay(invoice, "-37.00")
    assert (await desk.look(invoice)).reason == "waits for payment of 37.00 USD"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "37.00"
    assert await desk.open_amount(Kind.REFUND, refund) == "0.00"
    left = Decimal("37.00") - Decimal(used)
    assert await desk.open_amount(Kind.PAYMENT, payment) == str(left)
    assert await desk.balance(*BANKS) == "113.00"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_credit_is_never_taken_back_before_the_day_it_was_posted_on(
    site: Site, kind: str
) -> None:
    desk = await begin(site)
    day = TODAY + timedelta(days=5)
    credit = await desk.clerk.write_credit(desk.client, "USD", day, kind, "40.00")
    await desk.look_at_credit(credit)
    await desk.clerk.delete_credit(credit)
    assert (await desk.look_at_credit(credit)).stage == "closed"
    entry = await desk.entry(KINDS[kind].reversal, credit)
    assert str(entry["Posting_Date"]) == str(day)


@pytest.mark.parametrize("deed", ["delete", "edit"])
async def test_a_credit_that_was_taken_back_leaves_nothing_open(site: Site, deed: str) -> None:
    desk = await begin(site, edits="reverse and repost")
    credit = await posted(desk, "goodwill")
    if deed == "delete":
        await desk.clerk.delete_credit(credit)
    else:
        await desk.clerk.change_credit(credit, "USD", "400.00")
    status = await desk.look_at_credit(credit)
    assert "settle reversal" in status.steps
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "0.00"
    assert await desk.open_amount(Kind.CREDIT_NOTE_REVERSAL, credit) == "0.00"
    assert (await desk.look_at_credit(credit)).steps == []


async def test_a_credit_whose_reversal_could_not_be_applied_is_settled_at_the_next_look(
    site: Site,
) -> None:
    desk = await begin(site)
    credit = await posted(desk, "goodwill")
    await desk.clerk.delete_credit(credit)
    await desk.driver.follow(Kind.CREDIT_NOTE, credit, dies_after=1)
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "40.00"
    assert (await desk.look_at_credit(credit)).steps == ["settle reversal"]
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "0.00"


async def test_a_refund_of_an_invoice_that_was_edited_below_what_was_paid_comes_to_rest(
    site: Site,
) -> None:
    """It takes the money that settles nothing first: else it was applied and unapplied for ever."""
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted(Line("Advice", "1", "100.00"))
    await desk.pay(invoice, "5.92")
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "1", "1.37")])
    await desk.look(invoice)
    refund = await desk.pay(invoice, "-4.80")
    status = await desk.look(invoice)
    assert status.reason == "waits for payment of 0.25 USD", status
    assert await desk.open_amount(Kind.REFUND, refund) == "0.00"
    assert await desk.open_amount(Kind.INVOICE, invoice, 2) == "0.25"
