"""One embedded house for all end-to-end tests of a session; each test brings its own people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.house import House, open_house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), lanes=3) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def house(the_house: House) -> AsyncIterator[House]:
    """The house without faults, before and after."""
    await the_house.no_faults()
    yield the_house
    await the_house.no_faults()
