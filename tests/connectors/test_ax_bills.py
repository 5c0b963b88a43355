"""Bills in AX: posted, settled with what is paid, taken back, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.ax.adapter import AxTarget
from connectors.ax.content import Content, text_of
from connectors.errors import Rejected
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from mapping.mapper import Mapper
from tests.connectors.ax_books import Books, ax_books
from tests.connectors.test_ax_mapping import SPEC
from tests.mapping.test_bills import KEY, ON, PAID, bill, line, paid

BACK = PAID.of_kind(Kind.BILL_PAYMENT_REVERSAL)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        await found.person("vendor", account="V-PAPER", name="Harbour Paper", group="VEND")
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(posting="service") as target:
        yield target


async def _bill(ax: AxTarget, key: Key = KEY) -> Posting:
    mapper = Mapper.load(SPEC, await ax.schema())
    found = bill(line("Supplies", "100.00", "13.00"))
    await ax.create(key, mapper.map_bill(found, "V-PAPER", key, ON))
    return await ax.post(key)


async def _pay(ax: AxTarget, amount: str, number: str) -> Posting:
    mapper = Mapper.load(SPEC, await ax.schema())
    record = mapper.map_bill_payment(paid(amount), "HP-778", "V-PAPER", PAID, ON, number)
    await ax.create(PAID, record)
    return await ax.post(PAID)


async def test_a_payment_is_settled_with_its_bill_once_and_taken_back_leaves_it_open(
    ax: AxTarget,
) -> None:
    posted = await _bill(ax)
    assert posted.remaining == Money.of("113.00", "USD")
    assert (await _pay(ax, "13.00", posted.number or "")).remaining == Money.of("13.00", "USD")
    for _ in range(2):
        settled = await ax.apply(PAID, posted.number or "", None, Kind.BILL)
        assert settled.remaining == Money.zero("USD")
    assert (await ax.lookup(KEY)).remaining == Money.of("100.00", "USD")
    for _ in range(2):
        assert (await ax.reverse(PAID, BACK, ON)).state is PostingState.POSTED
    assert (await ax.lookup(PAID)).state is PostingState.REVERSED
    assert (await ax.lookup(KEY)).remaining == Money.of("113.00", "USD")


async def test_a_payment_of_a_bill_that_is_not_there_is_a_hold(ax: AxTarget) -> None:
    await _pay(ax, "13.00", "NO-SUCH")
    with pytest.raises(Rejected, match="applies-to-absent"):
        await ax.apply(PAID, "NO-SUCH", None, Kind.BILL)


async def test_what_a_vendor_is_owed_under_a_number_is_found_without_what_is_ours(
    ax: AxTarget,
) -> None:
    posted = await _bill(ax)
    assert await ax.find_vendor_document("V-PAPER", "HP-778") == []
    asked: Content = {"_accountNum": "V-PAPER", "_documentNum": "HP-778"}
    answer = await ax._custom._call("findVendorDocuments", asked, writes=False)
    assert [text_of(one, "Voucher") for one in answer] == [posted.number]
