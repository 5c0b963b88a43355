"""One store for the contract tests of a session; each test has documents of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from store.store import Store
from tests.contracts.posting_desk import Desk, open_store


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def posting_store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    async with open_store(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture
def desk(posting_store: Store) -> Desk:
    return Desk(posting_store)
