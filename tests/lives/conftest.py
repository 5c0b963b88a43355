"""One site for all lives of a session; each begins with empty books and a connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.lives.ax_site import AxDesk, open_ax
from tests.lives.site import Site, open_site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("lives")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ax(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AxDesk]:
    async with open_ax(tmp_path_factory.mktemp("lives-ax")) as opened:
        yield opened
