"""Document and posting dates: closed periods with each policy, reversals, other centuries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import RECEIVABLES
from tests.lives.desk import TODAY, begin
from tests.lives.site import Site

LAST_MONTH = TODAY - timedelta(days=40)
FIRST_OPEN = TODAY - timedelta(days=10)


async def test_both_dates_are_the_sources_own_while_the_period_is_open(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted(day=LAST_MONTH)
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert {entry["Posting_Date"], entry["Document_Date"]} == {LAST_MONTH.isoformat()}


async def test_a_document_of_a_closed_period_is_held_and_goes_on_when_it_is_opened(
    site: Site,
) -> None:
    desk = await begin(site)
    await desk.books.allow_posting(FIRST_OPEN)
    invoice = await desk.sent(day=LAST_MONTH)
    status = await desk.look(invoice)
    assert status.hold is not None
    assert status.cause == "period-closed"
    assert status.hold.values["first open day"] == str(FIRST_OPEN)
    assert await desk.balance(*RECEIVABLES) == "0.00"
    await desk.books.allow_posting(None)
    assert (await desk.look(invoice)).stage == "posted"


async def test_a_person_can_correct_the_posting_date_of_a_held_document(site: Site) -> None:
    desk = await begin(site)
    await desk.books.allow_posting(FIRST_OPEN)
    invoice = await desk.sent(day=LAST_MONTH)
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.CORRECT, posting_date=TODAY.isoformat())
    assert status.stage == "posted"
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert entry["Posting_Date"] == TODAY.isoformat()
    assert entry["Document_Date"] == LAST_MONTH.isoformat()


async def test_a_person_can_correct_the_posting_date_of_a_held_payment(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.books.allow_posting(FIRST_OPEN)
    payment = await desk.pay(invoice, "113.00", day=LAST_MONTH)
    status = await desk.look(invoice)
    assert status.hold is not None
    assert status.hold.values["payment_id"] == str(payment)
    status = await desk.decide(invoice, Action.CORRECT, posting_date=TODAY.isoformat())
    assert status.stage == "closed", status
    assert (await desk.entry(Kind.PAYMENT, payment))["Posting_Date"] == TODAY.isoformat()


async def test_by_policy_a_closed_period_posts_on_the_first_open_day_with_a_trace(
    site: Site,
) -> None:
    desk = await begin(site, closed_period="first open day")
    await desk.books.allow_posting(FIRST_OPEN)
    invoice = await desk.posted(day=LAST_MONTH)
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert entry["Posting_Date"] == FIRST_OPEN.isoformat()
    assert entry["Document_Date"] == LAST_MONTH.isoformat()
    payment = await desk.pay(invoice, "113.00", day=LAST_MONTH)
    assert (await desk.look(invoice)).stage == "closed"
    assert (await desk.entry(Kind.PAYMENT, payment))["Posting_Date"] == FIRST_OPEN.isoformat()


@pytest.mark.parametrize("policy", ["hold", "first open day"])
async def test_a_reversal_is_never_posted_into_a_closed_period(site: Site, policy: str) -> None:
    desk = await begin(site, closed_period=policy)
    invoice = await desk.posted(day=LAST_MONTH)
    later = TODAY + timedelta(days=20)
    await desk.books.allow_posting(later)
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    if policy == "hold":
        assert status.cause == "period-closed"
        assert await desk.balance(*RECEIVABLES) == "113.00"
        await desk.books.allow_posting(None)
        status = await desk.look(invoice)
    assert status.stage == "closed"
    memo = await desk.entry(Kind.INVOICE_REVERSAL, invoice)
    assert memo["Posting_Date"] == (TODAY if policy == "hold" else later).isoformat()


async def test_a_deleted_payment_is_reversed_on_an_open_day(site: Site) -> None:
    desk = await begin(site, closed_period="first open day")
    invoice = await desk.posted(day=LAST_MONTH)
    payment = await desk.pay(invoice, "50.00", day=LAST_MONTH)
    await desk.look(invoice)
    await desk.books.allow_posting(FIRST_OPEN)
    await desk.clerk.delete_payment(payment)
    await desk.look(invoice)
    reversal = await desk.entry(Kind.PAYMENT_REVERSAL, payment)
    assert reversal["Posting_Date"] >= FIRST_OPEN.isoformat()
    assert await desk.open_amount(Kind.INVOICE, invoice) == "113.00"


async def test_a_closed_accounting_period_counts_too(site: Site) -> None:
    desk = await begin(site)
    first = TODAY.replace(day=1)
    await desk.books.change("AccountingPeriods", first.isoformat(), Closed=True)
    status = await desk.look(await desk.sent(day=first))
    assert status.cause == "period-closed"


@pytest.mark.parametrize(
    "day", [date(1, 1, 1), date(1492, 10, 12), date(2999, 1, 1), date(9999, 12, 31)]
)
async def test_a_date_centuries_away_is_held(site: Site, day: date) -> None:
    desk = await begin(site)
    status = await desk.look(await desk.sent(day=day))
    assert status.hold is not None, status
    assert (status.cause, f"The period of {day} is closed" in status.reason) == (
        "period-closed",
        True,
    ), status
    assert "correct with posting_date" in status.hold.remedy
    assert await desk.books.rows("GLEntries") == []


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
async def test_a_payment_dated_centuries_away_is_held(site: Site, day: date) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    before = await desk.books.rows("GLEntries")
    await desk.pay(invoice, "113.00", day=day)
    status = await desk.look(invoice)
    assert (status.cause, f"The period of {day} is closed" in status.reason) == (
        "period-closed",
        True,
    ), status
    assert await desk.books.rows("GLEntries") == before


async def test_what_is_dated_before_the_cut_over_is_never_posted(site: Site) -> None:
    desk = await begin(site, cut_over_date=TODAY)
    status = await desk.look(await desk.sent(day=LAST_MONTH))
    assert status.stage in ("ignored", "held"), status
    assert await desk.balance(*RECEIVABLES) == "0.00"


@pytest.mark.parametrize("currency", ["EUR", "USD"])
async def test_no_exchange_difference_is_posted_into_a_period_that_was_signed_off(
    site: Site, currency: str
) -> None:
    """Taking back an application of then posts on the day of then, in another currency."""
    desk = await begin(site)
    (rate, *_) = await desk.books.rows("CurrencyExchangeRates", Currency_Code="EUR")
    fields = {n: float(v) if isinstance(v, Decimal) else v for n, v in rate.items()}
    fields |= {"Starting_Date": str(LAST_MONTH), "Relational_Exch_Rate_Amount": 1.5}
    await desk.books.add(
        "CurrencyExchangeRates", **{n: v for n, v in fields.items() if not n.startswith("@")}
    )
    before = LAST_MONTH - timedelta(days=3)
    invoice = await desk.posted(day=before, currency=currency)
    payment = await desk.pay(invoice, "113.00", day=LAST_MONTH, currency=currency)
    assert (await desk.look(invoice)).stage == "closed"
    site.connection.is_signed_off = _signed_off
    entries = len(await desk.books.rows("GLEntries"))
    await desk.clerk.delete_payment(payment)
    status = await desk.look(invoice)
    later = (await desk.books.rows("GLEntries"))[entries:]
    assert [e for e in later if e["Posting_Date"] < str(TODAY.replace(day=1))] == []
    assert status.cause == ("application-signed-off" if currency == "EUR" else "")


async def _signed_off(day: date) -> bool:
    return day < TODAY.replace(day=1)
