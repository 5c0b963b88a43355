"""What NAV refuses, over HTTP against the stand-in: each ends in a hold with its cause."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.errors import Misconfigured, Rejected, Unauthorized, Unavailable
from connectors.nav.adapter import NavTarget
from connectors.nav.causes import CAUSES
from documents.hold import Hold
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.record import FieldValue, MappedRecord
from tests.connectors.nav_books import (
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

_INVOICE = key(Kind.INVOICE)
_PAYMENT = key(Kind.PAYMENT)
_EUR = Money.of("119.00", "EUR")


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books) as target:
        yield target


async def _customer(nav: NavTarget, **fields: str) -> str:
    return (await nav.create_customer(key(Kind.CUSTOMER), customer_record(**fields))).number


def _sale(customer: str, *lines: dict[str, FieldValue], **header: FieldValue) -> MappedRecord:
    record = sales_record(customer, lines or (line("100.00"),), figures("100", "19"))
    return record.model_copy(update={"header": {**record.header, **header}})


async def _held(nav: NavTarget, record: MappedRecord) -> Hold:
    """The hold of creating and posting a record; nothing of it may be in the ledger."""
    posting = _INVOICE if record.kind is Kind.INVOICE else _PAYMENT
    with pytest.raises(Rejected) as raised:
        await nav.create(posting, record)
        await nav.post(posting)
    found = await nav.lookup(posting)
    assert found.state in (PostingState.ABSENT, PostingState.CREATED)
    hold = raised.value.hold
    assert hold.reason.startswith(CAUSES[hold.cause].sentence)
    return hold


async def test_a_blocked_customer_is_held(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    await books.clerk("Customer", {"Blocked": "All"}, f"('{customer}')")
    hold = await _held(nav, _sale(customer))
    assert hold.cause == "customer-blocked"
    assert customer in hold.reason


async def test_a_closed_period_is_held_and_posts_after_it_was_opened(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    dates = {"Allow_Posting_From": "2026-06-01"}
    await books.clerk("GeneralLedgerSetup", dates, "('')")
    assert (await _held(nav, _sale(customer))).cause == "period-closed"
    await books.clerk("GeneralLedgerSetup", {"Allow_Posting_From": "0001-01-01"}, "('')")
    assert (await nav.post(_INVOICE)).state is PostingState.POSTED


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"number": "9999"}, "account-blocked"),
        ({"number": "7777"}, "account-unknown"),
        ({"vat": "VAT99"}, "vat-setup-missing"),
        ({"Shortcut_Dimension_1_Code": "NOWHERE"}, "dimension-missing"),
        ({"Description": "x" * 51}, "text-too-long"),
        ({"Quantity": "many"}, "value-not-allowed"),
        ({"Type": "Postcard"}, "value-not-allowed"),
        ({"Colour": "red"}, "field-unknown"),
        ({"VAT_Percent": "7"}, "field-read-only"),
    ],
)
async def test_a_line_that_nav_cannot_post_is_held(
    nav: NavTarget, changes: dict[str, Any], cause: str
) -> None:
    customer = await _customer(nav)
    assert (await _held(nav, _sale(customer, line("100.00", **changes)))).cause == cause


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ({"Currency_Code": "XAU"}, "currency-unknown"),
        ({"Posting_Date": "1999-12-31"}, "exchange-rate-missing"),
        ({"Sell_to_Customer_No": "C9"}, "customer-unknown"),
        ({"Sell_to_Customer_No": ""}, "value-missing"),
        ({"Payment_Terms_Code": "NEVER"}, "value-unknown"),
        ({"Applies_to_Doc_Type": "Postcard"}, "value-not-allowed"),
        ({"External_Document_No": "2026-0001"}, "key-overwritten"),
        ({"Your_Reference": "x" * 36}, "text-too-long"),
    ],
)
async def test_a_header_that_nav_cannot_post_is_held(
    nav: NavTarget, header: dict[str, FieldValue], cause: str
) -> None:
    customer = await _customer(nav)
    assert (await _held(nav, _sale(customer, **header))).cause == cause


async def test_what_cannot_be_sent_never_reaches_nav(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    await _held(nav, _sale(customer, line("100.00", Description="x" * 51)))
    assert await books.journal(kind="invoice") == []


async def test_an_invoice_without_lines_is_held(nav: NavTarget) -> None:
    record = _sale(await _customer(nav)).model_copy(update={"lines": ()})
    assert (await _held(nav, record)).cause == "nothing-to-post"


async def test_a_customer_without_posting_groups_is_not_made(nav: NavTarget, books: Books) -> None:
    with pytest.raises(Rejected) as raised:
        await _customer(nav, Customer_Posting_Group="")
    assert raised.value.hold.cause == "value-missing"
    assert await books.journal(kind="customer") == []


async def test_a_name_of_300_characters_is_held_with_the_limit(nav: NavTarget) -> None:
    with pytest.raises(Rejected) as raised:
        await _customer(nav, Name="ß" * 300)
    assert raised.value.hold.values == {"field": "Name", "length": "300", "limit": "50"}


async def _posted_invoice(nav: NavTarget, customer: str) -> str:
    await nav.create(_INVOICE, _sale(customer))
    return str((await nav.post(_INVOICE)).number)


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ({"Applies_to_Doc_No": "PSI42"}, "applies-to-closed"),
        ({"Posting_Date": "2026-03-01"}, "applies-to-later"),
        ({"Currency_Code": "CAD"}, "currency-differs"),
        ({"Bal_Account_No": "BANK-GBP"}, "value-not-allowed"),
        ({"Account_No": "C9"}, "customer-unknown"),
    ],
)
async def test_a_payment_that_nav_cannot_post_is_held(
    nav: NavTarget, header: dict[str, str], cause: str
) -> None:
    customer = await _customer(nav)
    invoice = await _posted_invoice(nav, customer)
    assert (await _held(nav, payment_record(customer, _EUR, invoice, **header))).cause == cause


async def test_a_payment_matched_by_the_bank_is_not_taken_back(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    await nav.create(_PAYMENT, payment_record(customer, _EUR))
    await nav.post(_PAYMENT)
    found = await nav._company.odata.find("BankAccountLedgerEntries", operation="read")
    entry = found[0].text("Entry_No")
    await books.clerk("BankAccountLedgerEntries", {"Statement_Status": "Closed"}, f"({entry})")
    with pytest.raises(Rejected) as raised:
        await nav.reverse(_PAYMENT, _PAYMENT.of_kind(Kind.PAYMENT_REVERSAL), (await _date(nav)))
    assert raised.value.hold.cause == "bank-reconciled"


async def _date(nav: NavTarget) -> Any:
    return (await nav.lookup(_PAYMENT)).posting_date


async def test_a_refusal_of_the_codeunit_is_shown_in_its_own_words(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    await books.operator("refuse", "The controller is on holiday.")
    hold = await _held(nav, _sale(customer))
    assert hold.cause == "target-refused"
    assert "The controller is on holiday." in hold.reason


async def test_locked_tables_are_waited_for(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    await nav.create(_INVOICE, _sale(customer))
    await books.operator("wait")
    with pytest.raises(Unavailable):
        await nav.post(_INVOICE)
    await books.operator("auto")
    assert (await nav.post(_INVOICE)).state is PostingState.POSTED


async def test_a_wrong_access_key_is_unauthorized(books: Books) -> None:
    async with connected(books, secret="wrong") as nav:
        with pytest.raises(Unauthorized):
            await nav.check()


@pytest.mark.parametrize(
    "changes",
    [
        {"company": "o'neill & söhne"},
        {"instance": "DynamicsNAV90"},
        {"codeunit": "Other"},
        {"services": {"customer": "CustomerCard"}},
        {"services": {"general_ledger_setup": "Setup"}},
        {"services": {"sales_invoice_lines": "Lines"}},
    ],
)
async def test_a_wrong_set_up_stops_the_connection(books: Books, changes: dict[str, Any]) -> None:
    async with connected(books, **changes) as nav:
        with pytest.raises(Misconfigured):
            await nav.check()


async def test_a_kind_without_a_document_in_nav_is_a_wrong_set_up(nav: NavTarget) -> None:
    with pytest.raises(Misconfigured, match="credit_application"):
        await nav.lookup(key(Kind.CREDIT_APPLICATION))


async def test_a_mapping_for_another_document_is_a_wrong_set_up(nav: NavTarget) -> None:
    record = _sale("C1").model_copy(update={"entity": "order"})
    with pytest.raises(Misconfigured, match="the mapping makes order"):
        await nav.create(_INVOICE, record)
