"""Where a clerk of the target posts, a document that changed meanwhile is created anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from documents.key import Key
from documents.posting import Posting, PostingState
from store.store import Store
from tests.contracts.ledger import Ledger
from tests.contracts.posting_desk import Desk, invoice, new_key, open_store


class WithClerk(Ledger):
    """Nothing is posted over the interface: people do that when they do."""

    async def post(self, key: Key) -> Posting:
        self.calls.append("post")
        return self._present(key)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path) as opened:
        yield opened


async def test_a_draft_that_waits_for_a_clerk_is_replaced_after_an_edit(store: Store) -> None:
    desk = Desk(store)
    desk.ledger = WithClerk(desk.clock)
    key = await desk.prepared(new_key(), invoice("100.00"))
    assert (await desk.attempt(key)).state is PostingState.CREATED
    await desk.prepared(key, invoice("120.00"))
    assert desk.ledger.waiting(key) == []
    assert (await desk.attempt(key)).state is PostingState.CREATED
    (draft,) = desk.ledger.waiting(key)
    assert draft.record == invoice("120.00")
