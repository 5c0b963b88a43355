"""The life of documents in NAV, over HTTP against the stand-in: customers, drafts, posted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.errors import Misconfigured, Rejected
from connectors.nav.adapter import NavTarget
from connectors.ports import TargetPort
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import CodeTax, MappedRecord
from tests.connectors.nav_books import (
    DAY,
    Books,
    connected,
    customer_record,
    figures,
    key,
    line,
    nav_books,
    sales_record,
    tax_line,
)

_INVOICE = key(Kind.INVOICE)
_PAYMENT = key(Kind.PAYMENT)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books) as target:
        yield target


async def _customer(nav: NavTarget, source_id: str = "500", **fields: str) -> str:
    record = customer_record(**fields)
    return (await nav.create_customer(key(Kind.CUSTOMER, source_id), record)).number


async def _posted(nav: NavTarget, posting: Key, record: MappedRecord) -> Posting:
    created = await nav.create(posting, record)
    assert created.state is PostingState.CREATED
    assert created.figures == record.expected
    return await nav.post(posting)


async def _invoice(nav: NavTarget, customer: str, posting: Key = _INVOICE) -> Posting:
    record = sales_record(customer, (line("100.00"),), figures("100.00", "19.00"))
    return await _posted(nav, posting, record)


def test_the_connector_is_a_target(nav: NavTarget) -> None:
    port: TargetPort = nav
    assert port.safety.refuses_duplicates
    assert port.safety.settle_seconds == 2.0


async def test_the_set_up_of_the_connection_can_be_checked(nav: NavTarget) -> None:
    await nav.check()
    schema = await nav.schema()
    assert schema.entities["invoice"].fields["External_Document_No"].max_length == 35
    assert schema.entities["payment"].fields["Comment"].max_length == 80


async def test_line_pages_without_amounts_are_told_before_anything_is_posted(
    nav: NavTarget,
) -> None:
    assert await nav.check() == []
    _, page, _ = await nav._company.entity("invoice.line")
    assert isinstance(page.properties, dict)
    del page.properties["Amount_Including_VAT"]
    (lacking,) = await nav.check()
    assert "does not show Amount_Including_VAT" in lacking
    assert "target.tax_by_code" in lacking
    codes = (CodeTax(code="A", tax=Money.of("19.00", "EUR"), lines=(1,)),)
    record = sales_record(await _customer(nav), (line("100.00"),), figures("100.00", "19.00"))
    with pytest.raises(Misconfigured, match="Amount_Including_VAT"):
        await nav.create(_INVOICE, record.model_copy(update={"taxes": codes}))
    assert (await nav.lookup(_INVOICE)).state is PostingState.ABSENT


async def test_the_line_page_of_orders_is_asked_for_where_invoices_become_orders(
    books: Books,
) -> None:
    async with connected(books, entities={"invoice": "order"}) as nav:
        assert await nav.check() == []
        _, page, _ = await nav._company.entity("order.line")
        assert isinstance(page.properties, dict)
        del page.properties["Amount_Including_VAT"]
        (lacking,) = await nav.check()
        assert "does not show Amount_Including_VAT" in lacking


async def test_a_customer_is_made_with_our_key_and_found_in_four_ways(nav: NavTarget) -> None:
    made = await nav.create_customer(key(Kind.CUSTOMER, "500"), customer_record())
    assert made.key == "FB-C500-1"
    assert made.currency is None
    for found in (
        await nav.find_customers(key="FB-C500-1"),
        await nav.find_customers(number=made.number),
        await nav.find_customers(email="buch@example.com"),
        await nav.find_customers(name="Müller & Söhne"),
    ):
        assert [customer.number for customer in found] == [made.number]


async def test_a_customer_is_made_only_once(nav: NavTarget, books: Books) -> None:
    first = await _customer(nav)
    assert await _customer(nav) == first
    assert len(await books.journal(kind="customer")) == 1


async def test_a_name_with_quotes_and_wildcards_finds_exactly_itself(nav: NavTarget) -> None:
    name = "O'Neill* & (Sons) | @1..9"
    number = await _customer(nav, "1", Name=name)
    await _customer(nav, "2", Name="O'Neill and many more")
    found = await nav.find_customers(name=name)
    assert [customer.number for customer in found] == [number]


async def test_a_search_longer_than_its_field_finds_nobody(nav: NavTarget) -> None:
    assert await nav.find_customers(name="x" * 300) == []
    assert await nav.find_customers() == []


async def test_only_the_record_s_fields_of_a_customer_are_changed(nav: NavTarget) -> None:
    number = await _customer(nav, Currency_Code="EUR")
    record = MappedRecord(kind=Kind.CUSTOMER, entity="customer", header={"City": "Bonn"})
    changed = await nav.update_customer(number, record)
    assert changed.fields["City"] == "Bonn"
    assert changed.fields["E_Mail"] == "buch@example.com"
    assert changed.currency == "EUR"


async def test_an_invoice_is_created_with_nav_s_own_figures_and_posted_once(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    assert (await nav.lookup(_INVOICE)).state is PostingState.ABSENT
    lines = (line("100.00"), line("50.00", "ZERO"), line("7.77", Quantity="3"))
    record = sales_record(customer, lines, figures("173.31", "23.43"))
    created = await nav.create(_INVOICE, record)
    assert created.figures == record.expected
    assert await nav.lookup(_INVOICE) == created

    posted = await nav.post(_INVOICE)
    assert posted.state is PostingState.POSTED
    assert posted.number != created.number
    assert posted.party == customer
    assert posted.figures == record.expected
    assert posted.remaining == Money.of("196.74", "EUR")
    assert posted.posting_date == DAY
    assert await nav.lookup(_INVOICE) == posted
    assert await nav.post(_INVOICE) == posted
    assert await nav.create(_INVOICE, record) == posted
    (row,) = await books.journal(kind="invoice")
    assert (row["key"], row["number"], row["state"]) == (_INVOICE.text(), posted.number, "posted")
    assert (row["document"], row["amount"], row["currency"]) == ("2026-0001", "196.74", "EUR")


async def test_the_source_s_own_tax_amount_is_a_line_that_is_all_tax(nav: NavTarget) -> None:
    customer = await _customer(nav)
    lines = (line("99.99", "NOVAT"), tax_line("13.01"))
    posted = await _posted(nav, _INVOICE, sales_record(customer, lines, figures("99.99", "13.01")))
    assert posted.figures == figures("99.99", "13.01")


async def test_the_local_currency_is_blank_in_nav_and_named_by_us(nav: NavTarget) -> None:
    customer = await _customer(nav)
    expected = figures("10.00", "0", "USD")
    record = sales_record(customer, (line("10.00", "ZERO"),), expected)
    posted = await _posted(nav, _INVOICE, record)
    assert posted.remaining == Money.of("10.00", "USD")


async def test_a_draft_is_made_equal_to_the_record_again(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    first = sales_record(customer, (line("1"), line("2"), line("3")), figures("6", "1.14"))
    draft = await nav.create(_INVOICE, first)
    second = sales_record(customer, (line("1"), line("5")), figures("6", "1.14"))
    assert await nav.create(_INVOICE, second) == draft
    third = sales_record(customer, (line("8.00"),), figures("8", "1.52"), Your_Reference="B")
    again = await nav.create(_INVOICE, third)
    assert (again.number, again.figures) == (draft.number, third.expected)
    assert [row["document"] for row in await books.journal(kind="invoice")] == ["B"]


async def test_a_discarded_draft_is_gone_and_may_be_made_again(nav: NavTarget) -> None:
    customer = await _customer(nav)
    record = sales_record(customer, (line("1"),), figures("1", "0.19"))
    await nav.create(_INVOICE, record)
    await nav.discard(_INVOICE)
    await nav.discard(_INVOICE)
    assert (await nav.lookup(_INVOICE)).state is PostingState.ABSENT
    assert (await nav.create(_INVOICE, record)).figures == record.expected


async def test_two_drafts_with_our_key_are_held_with_their_numbers(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    for _ in range(2):
        await books.clerk(
            "SalesInvoice",
            {"Sell_to_Customer_No": customer, "External_Document_No": _INVOICE.text()},
        )
    with pytest.raises(Rejected) as raised:
        await nav.lookup(_INVOICE)
    assert raised.value.hold.cause == "duplicate-in-target"
    assert raised.value.hold.values["numbers"].count(",") == 1


async def test_an_order_is_posted_as_an_invoice(books: Books) -> None:
    async with connected(books, entities={"invoice": "order"}) as nav:
        customer = await _customer(nav)
        expected = figures("100.00", "19.00")
        record = sales_record(customer, (line("100.00"),), expected, entity="order")
        posted = await _posted(nav, _INVOICE, record)
        assert posted.remaining == Money.of("119.00", "EUR")
        assert await nav.lookup(_INVOICE) == posted
