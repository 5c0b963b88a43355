"""Bills in NAV: posted, paid in part, taken back, over HTTP against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from connectors.nav.adapter import NavTarget
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from mapping.mapper import Mapper
from tests.connectors.nav_books import Books, connected, nav_books
from tests.mapping.specs import NAV_SPEC
from tests.mapping.test_bills import KEY, ON, PAID, bill, line, paid

BACK = PAID.of_kind(Kind.BILL_PAYMENT_REVERSAL)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        vendor = {
            "No": "V-PAPER",
            "Name": "Harbour Paper",
            "Gen_Bus_Posting_Group": "DOMESTIC",
            "VAT_Bus_Posting_Group": "DOMESTIC",
            "Vendor_Posting_Group": "VENDORS",
        }
        await found.clerk("Vendors", vendor)
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books) as found:
        yield found


async def _bill(nav: NavTarget, currency: str = "USD") -> Posting:
    mapper = Mapper.load(NAV_SPEC, await nav.schema())
    found = bill(line("Supplies", "100.00", "13.00", currency))
    await nav.create(KEY, mapper.map_bill(found, "V-PAPER", KEY, ON))
    return await nav.post(KEY)


async def _pay(nav: NavTarget, amount: str, number: str, currency: str = "USD") -> Posting:
    mapper = Mapper.load(NAV_SPEC, await nav.schema())
    record = mapper.map_bill_payment(paid(amount, currency), "HP-778", "V-PAPER", PAID, ON, number)
    created = await nav.create(PAID, record)
    assert created.figures == record.expected
    return await nav.post(PAID)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
async def test_a_payment_settles_its_bill_and_taken_back_leaves_it_open(
    nav: NavTarget, currency: str
) -> None:
    posted = await _bill(nav, currency)
    assert posted.remaining == Money.of("113.00", currency)
    paid_ = await _pay(nav, "13.00", posted.number or "", currency)
    assert (await nav.post(PAID)).number == paid_.number
    assert (await nav.lookup(KEY)).remaining == Money.of("100.00", currency)
    for _ in range(2):
        assert (await nav.reverse(PAID, BACK, ON)).state is PostingState.POSTED
    assert (await nav.lookup(PAID)).state is PostingState.REVERSED
    found = await nav.lookup(KEY)
    assert (found.remaining, found.unpaid) == (Money.of("113.00", currency), False)


async def test_a_bill_that_people_posted_is_found_by_the_vendor_and_their_number(
    nav: NavTarget, books: Books
) -> None:
    posted = await _bill(nav)
    assert await nav.find_vendor_document("V-PAPER", "HP-778") == []
    by_hand = Key(tag="T", kind=Kind.BILL, source_id="7000002")
    mapper = Mapper.load(NAV_SPEC, await nav.schema())
    made = await nav.create(
        by_hand, mapper.map_bill(bill(line("Travel", "1")), "V-PAPER", by_hand, ON)
    )
    draft = f"(Document_Type='Invoice',No='{made.number}')"
    await books.clerk("PurchaseInvoice", {"Vendor_Invoice_No": "HP-778"}, draft)
    await nav._company.codeunit.call(
        "PostPurchaseDocument", "post by hand", documentType="Invoice", externalKey="HP-778"
    )
    (number,) = await nav.find_vendor_document("V-PAPER", "HP-778")
    assert number != posted.number
    (similar,) = await nav.find_similar_payables("V-PAPER", Money.of("1", "USD"), ON, 3)
    assert similar.number == number
    # Ours are none, nor those of another day.
    assert await nav.find_similar_payables("V-PAPER", Money.of("113", "USD"), ON, 3) == []
    later = ON + timedelta(days=30)
    assert await nav.find_similar_payables("V-PAPER", Money.of("1", "USD"), later, 3) == []
    assert await nav.find_vendor_document("V-OTHER", "HP-778") == []
