"""A target's descriptions are read anew once for all the steps that met outdated ones."""

from __future__ import annotations

from time import monotonic

from policies.settings import OrderToCashPolicy
from tests.connectors.ax_books import Books, ax_books
from tests.connectors.ax_posting import connection_to


async def _read(books: Books) -> int:
    seen = await books.requests()
    return sum((row["method"], row["status"]) == ("GET", 200) for row in seen)


async def test_many_steps_that_met_the_same_set_up_have_it_read_again_once() -> None:
    """Each of many documents that were held for one missing port read some seventy files."""
    async with ax_books() as books, books.target() as ax:
        connection = connection_to(ax, OrderToCashPolicy())
        client = ax._client
        await client.service("CustomerService")
        once, begun = await _read(books), monotonic()
        for _ in range(3):
            await connection.refresh(begun)
            await client.service("CustomerService")
        assert await _read(books) == 2 * once
        await connection.refresh(monotonic())
        await client.service("CustomerService")
        assert await _read(books) == 3 * once
