"""A sandbox with one FreshBooks account on free ports, and HTTP clients for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.server import SandboxServer
from sandbox.settings import FreshBooksAccount, FreshBooksSettings, SandboxSettings

ACCOUNT = FreshBooksAccount(
    connection="demo-nav",
    account_id="6BApk01",
    business_id=1_234_567,
    business_uuid="0b2d1e6a-6f6b-4c6c-9a53-3a8a3d1f1c55",
    identity_id=7_654_321,
    email="owner@example.com",
    client_id="client-id",
    client_secret="client-secret",
    redirect_uri="https://localhost/callback",
    refresh_token="first-refresh-token",
    access_token="public-access-token",
)


@pytest.fixture
def account() -> FreshBooksAccount:
    """The account of the FreshBooks stand-in."""
    return ACCOUNT


@pytest.fixture
def freshbooks_settings() -> FreshBooksSettings:
    """Settings of the stand-in; quick retries. A test may override this fixture."""
    return FreshBooksSettings(accounts=[ACCOUNT], delivery_pause=0.01)


@pytest.fixture
async def freshbooks_sandbox(
    freshbooks_settings: FreshBooksSettings,
) -> AsyncIterator[SandboxServer]:
    """A running sandbox with FreshBooks alone, in memory."""
    server = SandboxServer(SandboxSettings(freshbooks=freshbooks_settings))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def freshbooks(freshbooks_sandbox: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the FreshBooks stand-in that is signed in."""
    headers = {"Authorization": f"Bearer {ACCOUNT.access_token}"}
    base = f"http://127.0.0.1:{freshbooks_sandbox.ports['freshbooks']}"
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
async def control(freshbooks_sandbox: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the control port."""
    base = f"http://127.0.0.1:{freshbooks_sandbox.ports['control']}"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        yield client
