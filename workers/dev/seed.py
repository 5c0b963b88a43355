"""What a person would set up before the first document: secrets, consent, webhooks."""

from __future__ import annotations

import asyncio
import time

from connectors.freshbooks.tokens import TokenSet
from store.store import Store
from workers import webhooks
from workers.connections import ConnectionSettings
from workers.dev.plan import HousePlan
from workers.refusal import Refusal
from workers.sources import open_source
from workers.tokens import StoredTokens

_PATIENCE = 30.0
_PAUSE = 0.05


async def seed_vault(plan: HousePlan, store: Store) -> None:
    """Put the secrets of every connection where the product looks for them.

    Tokens that are there stay: FreshBooks' own ones were used up when they were refreshed.
    """
    for name, connection in plan.connections.items():
        identity = plan.identity.connections[name]
        await store.credentials.put(
            name, connection.source.client_secret, identity.source.client_secret
        )
        await store.credentials.put(name, connection.target.secret_name, identity.target.secret)
        await _give_consent(StoredTokens(store.tokens(name)), identity.source.refresh_token)


async def register_webhooks(plan: HousePlan, store: Store) -> None:
    """Subscribe to what we need to hear of, and wait until every subscription is verified.

    Needs the stand-ins, the gateway and the worker. Raises Refusal when that takes too long.
    """
    await asyncio.gather(*(_register(plan, store, each) for each in plan.connections.values()))


async def _give_consent(tokens: StoredTokens, refresh_token: str) -> None:
    """A pair that has expired already: the first who needs a token refreshes it."""
    if await tokens.load() is None:
        await tokens.save(TokenSet("expired", refresh_token, created_at=0, expires_in=0))


async def _register(plan: HousePlan, store: Store, connection: ConnectionSettings) -> None:
    url = plan.settings.gateway.public_url
    deadline = time.monotonic() + _PATIENCE
    async with open_source(connection, store) as source:
        rows = await webhooks.register(connection, source, store, url)
        while waiting := [row for row in rows if row.state in _UNFINISHED]:
            if time.monotonic() > deadline:
                events = ", ".join(f"{row.event} ({row.state})" for row in waiting)
                raise Refusal(f"webhooks of {connection.name}: {events}")
            await asyncio.sleep(_PAUSE)
            rows = await webhooks.status(connection, source, store, url)


_UNFINISHED = (
    webhooks.WebhookState.MISSING,
    webhooks.WebhookState.UNVERIFIED,
    webhooks.WebhookState.KEY_MISSING,
)
