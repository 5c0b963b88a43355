"""NAV's customer ledger as a tie-out reads it, over HTTP against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from connectors.errors import Misconfigured
from connectors.listings import OpenCredit, Scope, SumPage, TargetLedger
from connectors.nav.adapter import NavTarget
from documents.key import Key, Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of, row_of
from documents.money import Money
from documents.tieout import BreakType
from policies.tieout.compare import Tolerances, compare
from policies.tieout.settings import TieOutPolicy
from tests.connectors.nav_books import (
    DAY,
    Books,
    connected,
    customer_record,
    figures,
    key,
    line,
    nav_books,
    payment_record,
    sales_record,
)

SCOPE = Scope(tag="FB")
INVOICE, PAYMENT = key(Kind.INVOICE), key(Kind.PAYMENT)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books, page_size=2) as target:
        yield target


async def post_invoice(nav: NavTarget, customer: str, posting: Key = INVOICE) -> str:
    record = sales_record(customer, (line("100.00"),), figures("100.00", "19.00"))
    await nav.create(posting, record)
    return str((await nav.post(posting)).number)


async def post_payment(
    nav: NavTarget, customer: str, amount: str, settles: str = "", posting: Key = PAYMENT
) -> None:
    await nav.create(posting, payment_record(customer, Money.of(amount, "EUR"), settles))
    await nav.post(posting)


async def a_customer(nav: NavTarget) -> str:
    return (await nav.create_customer(key(Kind.CUSTOMER, "500"), customer_record())).number


async def listed(nav: NavTarget, scope: Scope = SCOPE, after: str = "") -> list[LedgerLine]:
    pages = nav.ledger.entries("customer entries", scope, None, DAY, after)
    return [found async for page in pages for found in page.lines]


async def total(pages: AsyncIterator[SumPage]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    async for page in pages:
        for currency, amount in page.sums.items():
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


async def test_an_invoice_and_its_payment_meet_by_our_keys(nav: NavTarget) -> None:
    customer = await a_customer(nav)
    number = await post_invoice(nav, customer)
    await post_payment(nav, customer, "19.00", number)
    invoice, payment = await listed(nav)
    assert (invoice.match, invoice.kind) == (match_of(Kind.INVOICE, "1000001"), BookKind.INVOICE)
    assert (invoice.amount, invoice.tax, invoice.open_amount) == (
        Decimal("119"), Decimal("19"), Decimal("100"),
    )  # fmt: skip
    assert (payment.amount, payment.open_amount) == (Decimal("19"), Decimal(0))
    assert payment.applied_to == invoice.match
    assert (invoice.currency, invoice.party, invoice.day) == ("EUR", customer, DAY)
    assert isinstance(nav.ledger, TargetLedger)


async def test_an_entry_stands_under_the_receivables_account_of_its_group(
    books: Books, nav: NavTarget
) -> None:
    await post_invoice(nav, await a_customer(nav))
    assert [line.account for line in await listed(nav)] == ["1310"]
    names = books.settings().services.model_copy(update={"customer_posting_groups": "Nowhere"})
    settings = books.settings().model_copy(update={"services": names})
    async with NavTarget(settings) as target:
        assert [line.account for line in await listed(target)] == ["FOREIGN"]


async def test_a_reversed_payment_is_told_with_what_takes_it_back(nav: NavTarget) -> None:
    customer = await a_customer(nav)
    await post_payment(nav, customer, "19.00")
    await nav.reverse(PAYMENT, key(Kind.PAYMENT_REVERSAL), DAY)
    original, reversal = await nav.ledger.entries_of(SCOPE, match_of(Kind.PAYMENT, "1000001"), 1)
    assert (original.marks, reversal.marks) == (Mark.REVERSED, Mark.REVERSAL)
    assert original.amount + reversal.amount == 0


async def test_keys_of_another_connection_are_not_ours(nav: NavTarget) -> None:
    customer = await a_customer(nav)
    await post_invoice(nav, customer)
    (found,) = await listed(nav, Scope(tag="OTHR"))
    assert (found.match, found.reference) == ("", INVOICE.text())
    assert await listed(nav, Scope(tag="OTHR", groups=("NOBODY",))) == []


async def test_a_listing_goes_on_behind_a_page_and_skips_nothing(nav: NavTarget) -> None:
    customer = await a_customer(nav)
    for n in range(5):
        await post_invoice(nav, customer, key(Kind.INVOICE, f"100000{n}"))
    whole = await listed(nav)
    pages = nav.ledger.entries("customer entries", SCOPE, None, DAY)
    first = await anext(pages)
    assert len(first.lines) == 2
    rest = await listed(nav, after=first.after)
    assert [*first.lines, *rest] == whole


async def test_days_bound_a_listing_on_both_ends(nav: NavTarget) -> None:
    await post_invoice(nav, await a_customer(nav))
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    for first, last, count in ((DAY, DAY, 1), (None, before, 0), (after, after, 0)):
        pages = nav.ledger.entries("customer entries", SCOPE, first, last)
        assert sum([len(page.lines) async for page in pages]) == count


async def test_the_subledger_agrees_with_its_control_accounts(nav: NavTarget) -> None:
    customer = await a_customer(nav)
    await post_invoice(nav, customer)
    await post_payment(nav, customer, "20.00")
    subledger = await total(nav.ledger.subledger(None, DAY))
    accounts = [
        await total(nav.ledger.control_account(account, None, DAY)) for account in ("1300", "1310")
    ]
    (currency,) = subledger
    assert subledger[currency] == sum(found.get(currency, Decimal(0)) for found in accounts)
    (found,) = await open_credits(nav, SCOPE)
    assert found == (customer, found.number, "EUR", Decimal("20"), True)
    (of_another,) = await open_credits(nav, Scope(tag="OTHER"))
    assert not of_another.ours
    assert await open_credits(nav, Scope(tag="OTHER", groups=("NONE",))) == []


async def open_credits(nav: NavTarget, scope: Scope) -> list[OpenCredit]:
    return [each async for page in nav.ledger.unapplied(scope, DAY) for each in page.credits]


async def test_an_unknown_listing_is_refused(nav: NavTarget) -> None:
    with pytest.raises(ValueError, match="customer entries"):
        await anext(nav.ledger.entries("vendors", SCOPE, None, DAY))


class Noting(httpx.AsyncHTTPTransport):
    """Notes what is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return await super().handle_async_request(request)


class OtherWay(Noting):
    """A service that sorts from the newest whatever it is asked for."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        query = request.url.query.decode()
        newest_first = query.replace("orderby=Entry_No", "orderby=Entry_No%20desc")
        request.url = request.url.copy_with(query=newest_first.encode())
        return await super().handle_async_request(request)


async def test_a_service_that_lists_out_of_order_ends_the_listing_with_a_reason(
    books: Books, nav: NavTarget
) -> None:
    customer = await a_customer(nav)
    for n in range(3):
        await post_invoice(nav, customer, key(Kind.INVOICE, f"100000{n}"))
    async with NavTarget(books.settings(page_size=2), transport=OtherWay()) as other:
        with pytest.raises(Misconfigured, match="does not list by Entry_No"):
            await listed(other)


async def test_tax_of_few_documents_is_asked_for_by_their_numbers_and_not_by_a_range(
    books: Books, nav: NavTarget
) -> None:
    await post_invoice(nav, await a_customer(nav))
    noting = OtherWay()
    async with NavTarget(books.settings(), transport=noting) as target:
        (found,) = await listed(target)
    assert found.tax == Decimal("19")
    (asked,) = [url for url in noting.asked if "PostedSalesInvoice?" in url]
    assert f"No%20eq%20%27{found.number}%27" in asked
    assert "%20ge%20" not in asked


async def test_tax_of_many_numbers_that_follow_each_other_is_one_question(
    books: Books, nav: NavTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.nav.spans._FEWEST", 3)
    customer = await a_customer(nav)
    for number in range(3):
        await post_invoice(nav, customer, key(Kind.INVOICE, f"{9_000_000 + number}"))
    noting = Noting()
    async with NavTarget(books.settings(), transport=noting) as target:
        found = await listed(target)
    assert {line.tax for line in found} == {Decimal("19")}
    asked = [url for url in noting.asked if "PostedSalesInvoice?" in url]
    assert [("%20ge%20" in url, "%20eq%20" in url) for url in asked] == [(True, False)]


async def test_customers_are_told_by_their_numbers_with_their_currency(nav: NavTarget) -> None:
    number = await a_customer(nav)
    (found,) = await nav.ledger.customers([number, "NOBODY"])
    (card,) = await nav.find_customers(number=number)
    assert (found.number, found.name, found.blocked) == (number, card.name, card.blocked)
    assert found.currency is not None
    assert await nav.ledger.customers([]) == []


@pytest.mark.parametrize(("factor", "differs"), [("1", False), ("1.001", True)])
async def test_what_nav_made_of_an_amount_is_held_against_a_rate(
    nav: NavTarget, factor: str, differs: bool
) -> None:
    await post_invoice(nav, await a_customer(nav))
    (found,) = await listed(nav)
    assert found.base_amount is not None
    rate = found.base_amount / found.amount * Decimal(factor)
    source = found._replace(rate=rate.quantize(Decimal("0.000001")), entry=found.match)
    differences = compare([row_of(source)], [row_of(found)], Tolerances.of(TieOutPolicy()))
    assert [d.type for d in differences] == [BreakType.EXCHANGE_RATE] * differs
