"""A gateway on a port of its own, before a real store and a real Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)
from temporalio.testing import WorkflowEnvironment

from connectors.freshbooks.webhooks import SIGNATURE_HEADER, sign
from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.fresh import fresh_database
from workers.connections import ConnectionSettings
from workers.gateway.app import build_gateway
from workers.gateway.serve import serve
from workers.settings import AppSettings, load_settings

VERIFIER = "the-verifier-of-this-callback"
ACCOUNT = "zDmNq"
SEAL = Seal(KeyRing.generate())
"""Of the links that the gateway under test takes."""


@dataclass
class Starts(Interceptor):
    """The workflow ids that were started or signalled through a client."""

    ids: list[str] = field(default_factory=list)

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        return _Noting(next, self.ids)


class _Noting(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, ids: list[str]) -> None:  # noqa: A002
        super().__init__(next)
        self._ids = ids

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        self._ids.append(input.id)
        return await super().start_workflow(input)


@dataclass
class Door:
    """One gateway that listens, with everything behind it."""

    url: str
    connection: ConnectionSettings
    store: Store
    client: Client
    starts: Starts
    http: httpx.AsyncClient

    @property
    def path(self) -> str:
        return self.connection.webhook_path

    async def deliver(
        self, event: str, object_id: str, *, verifier: str = VERIFIER, **more: str
    ) -> httpx.Response:
        """What FreshBooks sends after an event."""
        fields = [("name", event), ("object_id", object_id), ("account_id", ACCOUNT)]
        return await self.post([*fields, *more.items()], verifier=verifier)

    async def post(
        self,
        fields: Sequence[tuple[str, str]],
        *,
        verifier: str | None = VERIFIER,
        source: str = "",
    ) -> httpx.Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if source:
            headers["X-Forwarded-For"] = source
        if verifier is not None:
            headers[SIGNATURE_HEADER] = sign(fields, verifier)
        return await self.http.post(self.path, content=urlencode(fields), headers=headers)

    async def events(self, workflow_id: str, kind: EventType.ValueType) -> list[Any]:
        """The events of one type in the history of a workflow."""
        handle = self.client.get_workflow_handle(workflow_id)
        return [e async for e in handle.fetch_history_events() if e.event_type == kind]


def make_connection(name: str) -> ConnectionSettings:
    """A connection of this name; its systems are nowhere, since the gateway calls neither."""
    return ConnectionSettings.model_validate(
        {
            "name": name,
            "tag": "DEMO",
            "source": {
                "system": "freshbooks",
                "account_id": ACCOUNT,
                "business_id": 1234567,
                "client_id": "app",
                "redirect_uri": "https://localhost/callback",
            },
            "target": {
                "system": "nav",
                "base_url": "https://nav.invalid",
                "instance": "DynamicsNAV110",
                "company": "CRONUS",
                "username": "tieout",
                "secret": "nav-key",
            },
            "mapping": "freshbooks-nav.yaml",
        }
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "store.db")
    async with await Store.open(url, Cipher(KeyRing.generate())) as opened:
        yield opened


OpenDoor = Callable[..., Awaitable[Door]]


@pytest.fixture
async def open_door(store: Store, temporal_env: WorkflowEnvironment) -> AsyncIterator[OpenDoor]:
    """Opens gateways with other settings or another Temporal; closes them after the test."""
    async with AsyncExitStack() as stack:

        async def opened(*, client: Client | None = None, **gateway: Any) -> Door:
            settings = load_settings(gateway={"port": 0, **gateway})
            return await stack.enter_async_context(
                _door(client or temporal_env.client, store, settings)
            )

        yield opened


@pytest.fixture
async def door(open_door: OpenDoor) -> Door:
    """A gateway whose connection has one active callback. It waits for Temporal as long as a busy
    machine may need."""
    return await open_door(public_url="https://hooks.example", temporal_seconds=60.0)


@asynccontextmanager
async def _door(client: Client, store: Store, settings: AppSettings) -> AsyncIterator[Door]:
    connection = make_connection(f"demo-{uuid4().hex[:8]}")
    await activate(store, connection.name)
    starts = Starts()
    config = client.config()
    config["interceptors"] = [starts]
    noted = Client(**config)
    app = build_gateway(noted, store, {connection.name: connection}, settings, seal=SEAL)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stopped = asyncio.Event()
    serving = asyncio.create_task(serve(app, settings.gateway, address.set_result, stopped))
    url = await asyncio.wait_for(address, 10)
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield Door(url, connection, store, client, starts, http)
    stopped.set()
    await serving


async def activate(store: Store, connection: str) -> None:
    """Give a connection one active callback, as the worker does after a handshake."""
    await store.callbacks.remember_pending(
        connection, "9000001", "invoice", "https://hooks.example", VERIFIER
    )
    await store.callbacks.activate(connection, "9000001")
