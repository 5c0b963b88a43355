"""Both systems and a store; each test begins with empty books and a cut-over a month ago."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from policies.settings import OrderToCashPolicy
from tests.lives.site import Site, open_site
from tests.opening.history import History

CUT_OVER = datetime.now(UTC).date() - timedelta(days=30)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opening_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("opening")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def history(opening_site: Site) -> History:
    """A company with one client, who is a customer in NAV already."""
    opening_site.begin(OrderToCashPolicy(second_person="off", cut_over_date=CUT_OVER))
    history = History(opening_site, CUT_OVER)
    await history.begin()
    return history
