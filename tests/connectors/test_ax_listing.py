"""The customer ledger of AX as a tie-out reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import Misconfigured
from connectors.listings import OpenCredit, Scope, TargetLedger
from documents.key import Key, Kind
from documents.ledger import BookKind, LedgerLine, Mark
from documents.money import Money
from documents.posting import Posting
from tests.connectors.ax_books import (
    DAY,
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
    payment_record,
)

SCOPE = Scope(tag="FB")
LISTING = "customer transactions"


@pytest.fixture
async def ax() -> AsyncIterator[AxTarget]:
    async with ax_books(posting_after=3600.0) as books, target(books) as found:
        yield found


def target(books: Books) -> AxTarget:
    return books.target(posting="service", page_size=2)


async def an_invoice(ax: AxTarget, customer: str, source_id: str, net: str) -> Posting:
    record = invoice_record(customer, (line(net, "VAT19"),), figures(net, tax_of(net)))
    return await _made(ax, key(Kind.INVOICE, source_id), record)


def tax_of(net: str) -> str:
    return str((Decimal(net) * Decimal("0.19")).quantize(Decimal("0.01")))


async def a_payment(
    ax: AxTarget, customer: str, source_id: str, amount: str, invoice: str = ""
) -> Posting:
    record = payment_record(customer, Money.of(amount, "EUR"), invoice)
    return await _made(ax, key(Kind.PAYMENT, source_id), record)


async def _made(ax: AxTarget, posting: Key, record: object) -> Posting:
    await ax.create(posting, record)  # type: ignore[arg-type]
    return await ax.post(posting)


async def a_customer(ax: AxTarget) -> str:
    return (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number


async def listed(ax: AxTarget, after: str = "", first: date | None = None) -> list[LedgerLine]:
    pages = ax.ledger.entries(LISTING, SCOPE, first, DAY, after)
    return [each async for page in pages for each in page.lines]


async def test_transactions_carry_our_documents_tax_and_what_they_settle(ax: AxTarget) -> None:
    customer = await a_customer(ax)
    invoice = await an_invoice(ax, customer, "1", "100.00")
    await a_payment(ax, customer, "9", "50.00", str(invoice.number))
    sold, paid = await listed(ax)
    assert (sold.kind, sold.match, sold.number) == (
        BookKind.INVOICE,
        "invoice/1",
        invoice.number,
    )
    assert [sold.amount, sold.tax, sold.open_amount] == [Decimal(n) for n in (119, 19, 69)]
    assert (sold.currency, sold.party, sold.day, sold.posted) == ("EUR", customer, DAY, DAY)
    assert (paid.kind, paid.match, paid.applied_to) == (BookKind.PAYMENT, "payment/9", "invoice/1")
    assert [paid.amount, paid.open_amount, paid.tax] == [Decimal(50), Decimal(0), None]
    assert sold.base_amount is not None and paid.base_amount is not None
    assert sold.base_amount > 0 > paid.base_amount


async def test_a_listing_goes_on_behind_any_of_its_pages(ax: AxTarget) -> None:
    customer = await a_customer(ax)
    for source_id in "12345":
        await an_invoice(ax, customer, source_id, "10.00")
    whole = await listed(ax)
    assert [each.match for each in whole] == [f"invoice/{n}" for n in "12345"]
    cursors = [page.after async for page in ax.ledger.entries(LISTING, SCOPE, None, DAY)]
    assert cursors[-1] == ""
    assert len(cursors) == 4
    for place, cursor in enumerate(cursors[:-1], 1):
        assert await listed(ax, cursor) == whole[place * 2 :]


async def test_only_the_period_asked_for_is_listed(ax: AxTarget) -> None:
    await an_invoice(ax, await a_customer(ax), "1", "10.00")
    assert len(await listed(ax, first=DAY)) == 1
    before = DAY - timedelta(days=1)
    pages = ax.ledger.entries(LISTING, SCOPE, before - timedelta(days=30), before)
    assert [each async for page in pages for each in page.lines] == []


async def test_a_reversal_and_what_it_takes_back_are_marked(ax: AxTarget) -> None:
    customer = await a_customer(ax)
    await a_payment(ax, customer, "9", "50.00")
    original = key(Kind.PAYMENT, "9")
    await ax.reverse(original, original.of_kind(Kind.PAYMENT_REVERSAL), DAY)
    lines = await listed(ax)
    assert [(each.match, each.amount, each.marks) for each in lines] == [
        ("payment/9", Decimal(50), Mark.REVERSED),
        ("payment/9", Decimal(-50), Mark.REVERSAL),
    ]
    again = await ax.ledger.entries_of(SCOPE, "payment/9", 1)
    assert sorted(again) == sorted(lines)


async def test_one_document_is_looked_at_again_by_all_its_generations(ax: AxTarget) -> None:
    customer = await a_customer(ax)
    await an_invoice(ax, customer, "1", "10.00")
    await an_invoice(ax, customer, "2", "20.00")
    (found,) = await ax.ledger.entries_of(SCOPE, "invoice/2", 3)
    assert (found.match, found.amount, found.generation) == ("invoice/2", Decimal("23.80"), 1)
    assert await ax.ledger.entries_of(SCOPE, "invoice/3", 3) == []


async def test_keys_of_another_connection_are_somebody_elses(ax: AxTarget) -> None:
    await an_invoice(ax, await a_customer(ax), "1", "10.00")
    pages = ax.ledger.entries(LISTING, Scope(tag="OTHER"), None, DAY)
    (found,) = [each async for page in pages for each in page.lines]
    assert (found.match, found.reference) == ("", key(Kind.INVOICE, "1").text())
    pages = ax.ledger.entries(LISTING, Scope(tag="OTHER", groups=("NONE",)), None, DAY)
    assert [each async for page in pages for each in page.lines] == []


async def test_open_credit_is_added_up_by_currency(ax: AxTarget) -> None:
    customer = await a_customer(ax)
    await a_payment(ax, customer, "8", "30.00")
    await a_payment(ax, customer, "9", "12.50")
    await an_invoice(ax, customer, "1", "10.00")
    found = await open_credits(ax, SCOPE)
    assert sorted(each.amount for each in found) == [Decimal("12.50"), Decimal("30.00")]
    assert {(each.party, each.currency, each.ours) for each in found} == {(customer, "EUR", True)}
    assert {each.ours for each in await open_credits(ax, Scope(tag="OTHER"))} == {False}
    assert await open_credits(ax, Scope(tag="OTHER", groups=("NONE",))) == []


async def open_credits(ax: AxTarget, scope: Scope) -> list[OpenCredit]:
    return [each async for page in ax.ledger.unapplied(scope, DAY) for each in page.credits]


async def test_the_general_ledger_is_refused_with_what_to_do(ax: AxTarget) -> None:
    ledger: TargetLedger = ax.ledger
    assert isinstance(ledger, TargetLedger)
    with pytest.raises(Misconfigured, match="control_accounts"):
        ledger.control_account("1300", None, DAY)
    with pytest.raises(Misconfigured, match="control_accounts"):
        ledger.subledger(None, DAY)


async def test_customers_are_told_by_their_numbers_with_their_currency(ax: AxTarget) -> None:
    number = await a_customer(ax)
    (found,) = await ax.ledger.customers([number, "NOBODY"])
    (card,) = await ax.find_customers(number=number)
    assert found == card
    assert await ax.ledger.customers([]) == []
