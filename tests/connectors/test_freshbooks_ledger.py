"""The books of FreshBooks as a tie-out reads them, over HTTP against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.families import (
    CATEGORIES,
    CLIENTS,
    EXPENSES,
    INVOICES,
    PAYMENTS,
    STAFF,
    Resource,
)
from connectors.freshbooks.ledger import FreshBooksLedger
from connectors.listings import SourceLedger
from documents.key import Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of
from tests.connectors.freshbooks_house import House, line, open_house

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


def ledger(house: House) -> FreshBooksLedger:
    assert isinstance(house.source, FreshBooksSource)
    return house.source.ledger


async def listed(
    house: House, listing: str, first: date | None = FIRST, last: date = LAST, after: str = ""
) -> list[LedgerLine]:
    pages = ledger(house).lines(listing, first, last, after)
    return [found async for page in pages for found in page.lines]


async def test_final_invoices_are_listed_with_their_figures(house: House) -> None:
    client = await house.new_client()
    taxed = line("100.00", taxName1="HST", taxAmount1="13")
    invoice = await house.new_invoice(client, taxed)
    await house.new_invoice(client, sent=False)
    gone = await house.new_invoice(client)
    await house.client.update(INVOICES, gone, {"vis_state": 1})
    await house.pay(invoice, "13.00")
    (found,) = await listed(house, "invoice")
    assert (found.match, found.kind) == (match_of(Kind.INVOICE, invoice), BookKind.INVOICE)
    assert (found.amount, found.tax, found.open_amount) == (
        Decimal("113.00"), Decimal("13.00"), Decimal("100.00"),
    )  # fmt: skip
    assert (found.party, found.day, found.currency) == (client, date(2026, 2, 1), "USD")
    assert isinstance(ledger(house), SourceLedger)


async def test_days_bound_a_listing_on_both_ends(house: House) -> None:
    client = await house.new_client()
    for day in ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"):
        await house.new_invoice(client, create_date=day)
    assert sorted(str(found.day) for found in await listed(house, "invoice")) == [
        "2026-02-01", "2026-02-28",
    ]  # fmt: skip
    assert len(await listed(house, "invoice", None)) == 3


async def test_a_payment_names_its_invoice_and_what_is_open(house: House) -> None:
    client = await house.new_client()
    invoice = await house.new_invoice(client)
    payment = await house.pay(invoice, "40.00")
    deleted = await house.pay(invoice, "5.00")
    await house.client.update(PAYMENTS, deleted, {"vis_state": 1})
    (found,) = await listed(house, "payment")
    assert (found.match, found.amount) == (match_of(Kind.PAYMENT, payment), Decimal("40.00"))
    assert (found.applied_to, found.open_amount) == (match_of(Kind.INVOICE, invoice), Decimal(0))


async def test_the_credit_of_an_overpayment_is_a_balance_and_no_document(house: House) -> None:
    client = await house.new_client()
    invoice = await house.new_invoice(client)
    await house.pay(invoice, "130.00")
    (payment,) = await listed(house, "payment")
    assert payment.marks is Mark.OVERPAID
    assert payment.open_amount is None
    assert await listed(house, "credit_note") == []
    today = date(2100, 1, 1)
    sums = [page.sums async for page in ledger(house).credit(today)]
    assert sums == [{"USD": Decimal("30.00")}]


async def test_one_document_is_read_as_it_is_now(house: House) -> None:
    client = await house.new_client()
    invoice = await house.new_invoice(client)
    match = match_of(Kind.INVOICE, invoice)
    assert await ledger(house).line(match) == (await listed(house, "invoice"))[0]
    await house.client.update(INVOICES, invoice, {"vis_state": 1})
    assert await ledger(house).line(match) is None
    assert await ledger(house).line(match_of(Kind.PAYMENT, "1")) is None


async def test_a_listing_goes_on_behind_a_page(house: House) -> None:
    client = await house.new_client()
    for _ in range(5):
        await house.new_invoice(client)
    house.client.per_page = 2
    pages = ledger(house).lines("invoice", FIRST, LAST)
    first = await anext(pages)
    rest = await listed(house, "invoice", after=first.after)
    assert len({found.match for found in (*first.lines, *rest)}) == 5


async def test_an_unknown_listing_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="invoice, payment, credit_note"):
        await listed(house, "estimate")


async def test_expenses_are_listed_with_what_their_scope_and_payment_are_told_by(
    house: House,
) -> None:
    wanted = await new_expense(house, notes="lunch #team\n[Tieout: paid as PPI-1]")
    gone = await new_expense(house)
    await house.client.update(EXPENSES, gone, {"vis_state": 1})
    odd = await new_expense(house, amount="-5.00")
    lines = {found.match: found for found in await listed(house, "expense")}
    found = lines[match_of(Kind.EXPENSE, wanted)]
    assert (found.kind, found.amount, found.currency) == (
        BookKind.EXPENSE, Decimal("113.00"), "USD",
    )  # fmt: skip
    assert (found.day, found.tax) == (date(2026, 2, 3), None)
    assert found.expense is not None
    assert (found.expense.told, found.expense.tags) == ("paid as PPI-1", {"team": ""})
    assert lines[match_of(Kind.EXPENSE, odd)].marks is Mark.UNREADABLE
    assert len(lines) == 2
    assert await ledger(house).line(found.match) == found


async def test_clients_are_listed_whatever_the_period(house: House) -> None:
    client, gone = await house.new_client(), await house.new_client()
    await house.client.update(CLIENTS, gone, {"vis_state": 1})
    (found,) = await listed(house, "customer")
    assert (found.kind, found.match) == (BookKind.CUSTOMER, match_of(Kind.CUSTOMER, client))
    assert found.name
    assert await ledger(house).line(found.match) == found
    assert await ledger(house).line(match_of(Kind.CUSTOMER, gone)) is None


async def new_expense(house: House, amount: str = "113.00", **fields: Any) -> str:
    content = {
        "amount": {"amount": amount, "code": "USD"}, "date": "2026-02-03",
        "categoryid": await first_of(house, CATEGORIES), "staffid": await first_of(house, STAFF),
        "vendor": "Taxi", **fields,
    }  # fmt: skip
    return str((await house.client.create(EXPENSES, content))["id"])


async def first_of(house: House, resource: Resource) -> str:
    pages = house.client.pages(resource)
    return str((await anext(pages))[0]["id"])
