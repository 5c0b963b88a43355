"""The gateway as an ASGI application: three doors and what stands in front of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from temporalio.client import Client
from temporalio.common import MetricMeter

from store.seal import Seal
from workers.access.refusals import LastResort
from workers.connections import ConnectionSettings
from workers.gateway.approvals import approval_routes
from workers.gateway.freshbooks import FreshBooksWebhooks
from workers.gateway.health import Readiness, health
from workers.gateway.hints import Hints
from workers.gateway.limits import Doorman
from workers.gateway.receipts import Receipts
from workers.gateway.verifiers import Callbacks
from workers.settings import AppSettings
from workers.telemetry import Measures


class GatewayStore(Protocol):
    """What the gateway needs of our store."""

    @property
    def callbacks(self) -> Callbacks:
        """The webhook registrations and their verifiers."""
        ...

    async def ping(self) -> None:
        """Return when the database answers; raises StoreError when it does not."""
        ...


def build_gateway(
    client: Client,
    store: GatewayStore,
    connections: Mapping[str, ConnectionSettings],
    settings: AppSettings,
    measures: Measures | None = None,
    seal: Seal | None = None,
    receipts: Receipts | None = None,
) -> Starlette:
    """The application. It opens and closes nothing of what it is given.

    `POST /webhooks/freshbooks/{connection}` may be called by whoever signs with the verifier of
    one of the connection's callbacks; `/approvals/{token}` by whoever was sent a link that `seal`
    signed; `GET /health` and `GET /ready` by anybody who reaches the
    port, and they say no more than yes or no.
    """
    door = settings.gateway
    webhooks = FreshBooksWebhooks(
        dict(connections),
        store.callbacks,
        Hints(client, "freshbooks", door.temporal_seconds),
        door,
        measures or Measures(MetricMeter.noop),
    )
    return Starlette(
        routes=[
            Route(
                "/webhooks/freshbooks/{connection}",
                webhooks.receive,
                methods=["POST"],
                name="freshbooks",
            ),
            *(approval_routes(client, seal, door, receipts) if seal else ()),
            Route("/health", health, name="health"),
            Route("/ready", Readiness(client, store.ping).check, name="ready"),
        ],
        middleware=[Middleware(Doorman, settings=door), Middleware(LastResort)],
    )
