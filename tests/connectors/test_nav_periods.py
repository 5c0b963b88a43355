"""Into which days NAV lets anybody post, against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from connectors.nav.adapter import NavTarget
from sandbox.nav import NavProfile
from tests.connectors.nav_books import Books, connected, nav_books, nav_site


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books) as target:
        yield target


async def _allow(books: Books, first: str = "0001-01-01", last: str = "0001-01-01") -> None:
    dates = {"Allow_Posting_From": first, "Allow_Posting_To": last}
    await books.clerk("GeneralLedgerSetup", dates, "('')")


async def _close(books: Books, *months: str) -> None:
    for month in months:
        await books.clerk("AccountingPeriods", {"Closed": True}, f"({month}-01)")


async def test_a_day_that_is_open_is_taken_as_it_is(nav: NavTarget) -> None:
    assert await nav.open_day(date(2026, 3, 15)) == date(2026, 3, 15)


async def test_before_the_allowed_dates_the_first_allowed_day_is_taken(
    nav: NavTarget, books: Books
) -> None:
    await _allow(books, "2026-04-10")
    assert await nav.open_day(date(2026, 3, 15)) == date(2026, 4, 10)
    assert await nav.open_day(date(2026, 4, 20)) == date(2026, 4, 20)


async def test_after_the_last_allowed_day_there_is_none(nav: NavTarget, books: Books) -> None:
    await _allow(books, last="2026-04-30")
    assert await nav.open_day(date(2026, 4, 30)) == date(2026, 4, 30)
    assert await nav.open_day(date(2026, 5, 1)) is None


async def test_a_closed_period_moves_the_day_to_the_next_open_one(
    nav: NavTarget, books: Books
) -> None:
    await _close(books, "2026-02", "2026-03")
    assert await nav.open_day(date(2026, 2, 10)) == date(2026, 4, 1)
    await _allow(books, last="2026-03-31")
    assert await nav.open_day(date(2026, 2, 10)) is None


async def test_beyond_the_last_period_there_is_no_open_day(nav: NavTarget) -> None:
    assert await nav.open_day(date(1999, 12, 31)) == date(2000, 1, 1)


async def test_without_published_periods_the_allowed_dates_decide() -> None:
    async with nav_site(NavProfile(service_names={"AccountingPeriods": ""})) as nav:
        assert await nav.open_day(date(1999, 1, 1)) == date(1999, 1, 1)
