"""The source of a connection, wired to its tokens and its rate in the store.

Apart from the wiring of the targets, whose connectors take longer to import than all of this: who
only fetches from the source does not need them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.errors import Misconfigured
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.auth import FreshBooksAuth
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.families import Account
from connectors.freshbooks.tokens import TokenVault
from connectors.limits import RateLimiter
from connectors.transport import Transport
from store.store import Store
from workers.connections import ConnectionSettings
from workers.tokens import StoredTokens


@asynccontextmanager
async def open_source(
    settings: ConnectionSettings, store: Store
) -> AsyncIterator[FreshBooksSource]:
    """The source of a connection, signed in with the tokens of the vault."""
    async with source_transport(settings, store) as transport:
        auth = await source_auth(settings, store, transport)
        account = Account(settings.source.account_id, str(settings.source.business_id))
        try:
            yield FreshBooksSource(FreshBooksClient(transport, auth, account))
        finally:
            await auth.aclose()


@asynccontextmanager
async def source_transport(settings: ConnectionSettings, store: Store) -> AsyncIterator[Transport]:
    """How the source of a connection is called, at the rate that all workers share."""
    source, limits = settings.source, settings.source.limits
    transport = Transport(
        source.system,
        source.base_url,
        timeout=limits.timeout_seconds,
        max_concurrency=limits.concurrency,
        limiter=shared_rate(store, settings, source.system, limits.per_second),
        network=source.network,
    )
    async with transport:
        yield transport


async def source_auth(
    settings: ConnectionSettings,
    store: Store,
    transport: Transport,
    vault: TokenVault | None = None,
) -> FreshBooksAuth:
    """Sign-in of a FreshBooks connection, with the tokens of the store unless another vault is
    given. Misconfigured when the store lacks the application's secret."""
    source = settings.source
    return FreshBooksAuth(
        source.client_id,
        await secret_of(store, settings.name, source.client_secret),
        source.redirect_uri,
        vault or StoredTokens(store.tokens(settings.name)),
        transport,
        authorize_url=f"{source.auth_url}/oauth/authorize",
    )


def webhook_uri(settings: ConnectionSettings, public_url: str) -> str:
    """Where a source delivers its events; empty without an address that it can reach."""
    return public_url.rstrip("/") + settings.webhook_path if public_url else ""


def shared_rate(
    store: Store, settings: ConnectionSettings, system: str, per_second: float | None
) -> RateLimiter | None:
    """The bucket that all processes on this store take their calls from."""
    if per_second is None:
        return None
    return store.rates.limiter(f"{system}/{settings.name}", per_second)


async def secret_of(store: Store, connection: str, name: str) -> str:
    """A secret of a connection, from the vault. Misconfigured when it is not there."""
    secret = await store.credentials.get(connection, name)
    if secret is None:
        raise Misconfigured(
            "tieout", "vault", f"connection {connection} has no secret {name!r}: tieout connect"
        )
    return secret
