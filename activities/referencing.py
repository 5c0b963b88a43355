"""Writing back what our cross-reference lost: both sides have the document under our key."""

from __future__ import annotations

from store.store import Store


async def write_back(store: Store, connection: str, run: int) -> int:
    """Complete the cross-reference from what a run read; returns how many were missing. Nothing
    is booked, so that it is safe without a person."""
    page, after = await store.unreferenced.page(connection, run, "")
    number = 0
    while after:
        if page:
            await store.unreferenced.write_back(connection, page)
        number += len(page)
        page, after = await store.unreferenced.page(connection, run, after)
    return number
