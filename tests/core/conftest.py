"""Both systems and a store of the session; each test begins with empty books."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from policies.settings import OrderToCashPolicy
from tests.core.desk import Desk
from tests.lives.site import Site, open_site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def core_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("core")) as opened:
        yield opened


@pytest.fixture
def desk(core_site: Site) -> Desk:
    core_site.begin(OrderToCashPolicy(second_person="off"))
    return Desk(core_site)
