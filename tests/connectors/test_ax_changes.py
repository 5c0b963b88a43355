"""What changed in AX's customer ledger, by its change tracking."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from connectors.ax.adapter import AxTarget
from connectors.ax.aif import _following
from connectors.errors import ChangesLost, Misconfigured
from connectors.ports import ChangeTracking, LedgerChange
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import PostingState
from tests.connectors.ax_books import (
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
    payment_record,
)

INVOICE = key(Kind.INVOICE)
PAYMENT = key(Kind.PAYMENT, "5000001")


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        yield found


async def changes(ax: AxTarget, ago: timedelta = timedelta(minutes=1)) -> dict[Key, bool]:
    assert isinstance(ax, ChangeTracking)
    pages = [page async for page in ax.ledger_changes(datetime.now(UTC) - ago)]
    assert all(isinstance(one, LedgerChange) for page in pages for one in page)
    return {one.key: one.is_settled for page in pages for one in page}


async def test_what_people_posted_and_settled_is_told_page_by_page(books: Books) -> None:
    async with books.target(posting="service", page_size=1) as ax:
        number = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
        await ax.create(INVOICE, invoice_record(number, (line("119.00"),), figures("119.00")))
        assert await changes(ax) == {}
        posted = await ax.post(INVOICE)
        assert posted.state is PostingState.POSTED
        assert await changes(ax) == {INVOICE: False}
        money = Money.of("119.00", "EUR")
        await ax.create(PAYMENT, payment_record(number, money, posted.number or ""))
        await ax.post(PAYMENT)
        assert await changes(ax) == {INVOICE: True, PAYMENT: True}
        assert await ax.untracked() == ""


async def test_a_moment_that_ax_forgot_is_lost(books: Books) -> None:
    async with books.target() as ax:
        with pytest.raises(ChangesLost, match="ChangedDateTimeOutOfRange"):
            await changes(ax, timedelta(days=30))


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ({"change_tracking": False}, "change tracking is off"),
        (
            {"operations": {"CustomerTransactionService": ["find", "findKeys", "read"]}},
            "does not offer the operation getChangedKeys",
        ),
    ],
)
async def test_a_site_that_tracks_nothing_says_why_and_works_all_the_same(
    site: dict[str, object], said: str
) -> None:
    async with ax_books(**site) as books, books.target() as ax:
        assert said in await ax.untracked()
        assert await ax.check() == []
        with pytest.raises(Misconfigured, match=said):
            await changes(ax)


def test_a_page_without_keys_does_not_end_the_listing() -> None:
    """AX leaves out of a page what its filter hides: more may follow."""
    page = etree.fromstring(
        "<EntityKeyPage><DocumentPaging><Bookmark>b</Bookmark></DocumentPaging></EntityKeyPage>"
    )
    assert _following(page, "") == "b"
    assert _following(page, "b") is None
