"""The operator interface on a port of its own, before a real store and a real Temporal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.access.serving import served
from tests.fresh import fresh_database
from tests.gateway.conftest import make_connection
from workers.access.callers import Concierge, Role
from workers.access.tokens import PersonalTokens, mint
from workers.doors import OperatorSettings
from workers.operator.app import build_operator

CONNECTION = "demo"
CLAIMS = "claims"
"""A connection whose processes lose their workers: who asks one of them waits in vain."""


@dataclass
class Office:
    """The door, with tools to knock at it."""

    http: httpx.AsyncClient
    store: Store

    async def token(self, role: Role, name: str = "") -> str:
        new = mint()
        await self.store.persons.add(new.person_id, name or new.person_id, role, new.digest)
        return new.token

    async def ask(
        self, method: str, path: str, role: Role | None = Role.VIEWER, **more: Any
    ) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {await self.token(role)}"
        return await self.http.request(method, path, headers=headers, **more)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "store.db")
    async with await Store.open(url, Cipher(KeyRing.generate())) as opened:
        yield opened


OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def open_office(store: Store, temporal_env: WorkflowEnvironment) -> AsyncIterator[OpenOffice]:
    async with AsyncExitStack() as stack:

        async def opened(**changes: Any) -> Office:
            settings = OperatorSettings(**{"port": 0, "burst_per_source": 100000, **changes})
            concierge = Concierge(PersonalTokens(store.persons))
            seal = Seal(KeyRing.generate())
            app = build_operator(
                temporal_env.client,
                store,
                {name: make_connection(name) for name in (CONNECTION, CLAIMS)},
                concierge,
                seal,
                settings,
            )
            url = await stack.enter_async_context(served(app, settings))
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20))
            return Office(http, store)

        yield opened


@pytest.fixture
async def office(open_office: OpenOffice) -> Office:
    return await open_office()
