"""Registering webhooks: with the FreshBooks stand-in, a real store and the gateway between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from activities.webhooks import events_of
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.families import Account
from connectors.network import Network
from connectors.transport import Transport
from sandbox.server import SandboxServer
from sandbox.settings import FreshBooksAccount, FreshBooksSettings, SandboxSettings
from tests.gateway.conftest import ACCOUNT, Door, OpenDoor
from workers.settings import SettingsError
from workers.webhooks import EVENTS, WebhookState, register, status

_OWNER = FreshBooksAccount(
    connection="demo",
    account_id=ACCOUNT,
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


@dataclass(frozen=True)
class OneToken:
    """The stand-in's token that does not expire."""

    access_token: str

    async def token(self) -> str:
        return self.access_token

    def invalidate(self, access_token: str) -> None:
        raise AssertionError("the stand-in refused a token that does not expire")


@pytest.fixture
async def source() -> AsyncIterator[FreshBooksSource]:
    """The account of a fresh stand-in, whose postman tries again after 10 ms."""
    settings = FreshBooksSettings(accounts=[_OWNER], delivery_pause=0.01)
    server = SandboxServer(SandboxSettings(freshbooks=settings))
    await server.start()
    base = f"http://127.0.0.1:{server.ports['freshbooks']}"
    async with Transport("freshbooks", base, network=Network(allow_private=True)) as transport:
        client = FreshBooksClient(transport, OneToken(_OWNER.access_token), Account(ACCOUNT))
        yield FreshBooksSource(client)
    await server.stop()


async def _confirmed(door: Door, source: FreshBooksSource, count: int) -> None:
    """Do what the worker does for each handshake the gateway was sent."""
    callbacks = door.store.callbacks
    for _ in range(500):
        rows = await callbacks.registered(door.connection.name)
        if len(rows) == count + 1:
            break
        await asyncio.sleep(0.02)
    for row in rows:
        for pending in await callbacks.pending(door.connection.name, row.callback_id):
            assert await source.confirm_callback(row.callback_id, pending.verifier)
            await callbacks.activate(door.connection.name, row.callback_id, pending.verifier)


async def test_everything_is_registered_verified_and_then_delivers(
    open_door: OpenDoor, source: FreshBooksSource
) -> None:
    door = await open_door()
    made = await register(door.connection, source, door.store, door.url)
    assert [row.event for row in made] == list(EVENTS)
    assert {(row.state, row.did) for row in made} == {(WebhookState.UNVERIFIED, "registered now")}
    await _confirmed(door, source, len(EVENTS))
    now = await status(door.connection, source, door.store, door.url)
    assert {row.state for row in now} == {WebhookState.WORKING}
    assert {row.uri for row in now} == {door.url + door.path}


async def test_registering_again_registers_nothing_twice(
    open_door: OpenDoor, source: FreshBooksSource
) -> None:
    door = await open_door()
    await register(door.connection, source, door.store, door.url)
    await _confirmed(door, source, len(EVENTS))
    again = await register(door.connection, source, door.store, door.url + "/")
    assert {row.did for row in again} == {""}
    assert len(await source.callbacks()) == len(EVENTS)


async def test_an_unverified_one_is_asked_to_verify_again(
    open_door: OpenDoor, source: FreshBooksSource
) -> None:
    door = await open_door()
    await register(door.connection, source, door.store, door.url)
    again = await register(door.connection, source, door.store, door.url)
    assert {row.did for row in again} == {"asked to verify again"}
    assert len(await source.callbacks()) == len(EVENTS)


async def test_a_lost_key_is_noticed_and_sent_again(
    open_door: OpenDoor, source: FreshBooksSource
) -> None:
    door = await open_door()
    made = await register(door.connection, source, door.store, door.url)
    await _confirmed(door, source, len(EVENTS))
    await door.store.callbacks.forget(door.connection.name, made[0].callback_id)
    again = await register(door.connection, source, door.store, door.url)
    assert again[0].state is WebhookState.KEY_MISSING
    assert again[0].did == "asked to verify again"
    await _confirmed(door, source, len(EVENTS))
    now = await status(door.connection, source, door.store, door.url)
    assert now[0].state is WebhookState.WORKING


async def test_status_changes_nothing_and_shows_what_is_elsewhere(
    open_door: OpenDoor, source: FreshBooksSource
) -> None:
    door = await open_door()
    await source.register_callback("invoice", "https://elsewhere.example/hook")
    rows = await status(door.connection, source, door.store, door.url)
    assert [row.state for row in rows[:-1]] == [WebhookState.MISSING] * len(EVENTS)
    assert rows[-1].state is WebhookState.ELSEWHERE
    assert len(await source.callbacks()) == 1


async def test_without_a_public_address_nothing_is_registered(
    open_door: OpenDoor, source: FreshBooksSource
) -> None:
    door = await open_door()
    with pytest.raises(SettingsError, match=r"gateway\.public_url"):
        await register(door.connection, source, door.store, "")
    assert await source.callbacks() == []


def test_events_of_expenses_are_asked_for_only_where_expenses_are_handled() -> None:
    assert "expense" in events_of(expenses=True, bills=False)
    assert "expense" not in events_of(expenses=False, bills=True)


def test_events_of_bills_are_asked_for_only_where_bills_are_handled() -> None:
    assert "bill" in events_of(expenses=False, bills=True)
    assert "bill" not in events_of(expenses=True, bills=False)
