"""`tieout gateway`: both doors, for webhooks and for people, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.types import ASGIApp

from store.keyring import KeyRing
from store.seal import Seal
from workers.access.authorities import concierge
from workers.connections import load_connections
from workers.gateway.app import build_gateway
from workers.gateway.receipts import SourceReceipts
from workers.gateway.serve import serve
from workers.opening import open_store
from workers.operator.app import build_operator
from workers.process import register_search_attributes, running
from workers.settings import AppSettings, check_bind
from workers.temporal import connect

_LOG = logging.getLogger("tieout.gateway")


async def run_gateway(settings: AppSettings, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once the port is open.

    It starts while Temporal is away and answers 503 until it comes. Raises SettingsError for
    settings or connections that cannot be used, StoreError for a store that cannot, OSError
    when the port is taken.
    """

    def listening(url: str) -> None:
        _LOG.info("the gateway listens", extra={"url": url, "connections": sorted(connections)})
        ready()

    check_bind(settings.gateway)
    check_bind(settings.operator, "operator")
    connections = load_connections(settings.connections)
    async with running(settings) as process, open_store(settings) as store:
        client = await connect(settings, runtime=process.runtime, lazy=True)
        seal = Seal(KeyRing.from_source(settings.keys.get_secret_value()))
        receipts = SourceReceipts(connections, store)
        webhooks = build_gateway(
            client, store, connections, settings, process.measures, seal, receipts
        )
        trusted = concierge(settings, store.persons)
        people = build_operator(client, store, connections, trusted, seal, settings.operator)
        registering = asyncio.create_task(register_search_attributes(client))
        await _serve_both(webhooks, people, settings, listening, process.stopped)
        registering.cancel()
        _LOG.info("the gateway has stopped")


async def _serve_both(
    webhooks: ASGIApp,
    people: ASGIApp,
    settings: AppSettings,
    listening: Callable[[str], None],
    stopped: asyncio.Event,
) -> None:
    """Each on a port of its own, so that only the one for webhooks need face the world."""

    def operator_listens(url: str) -> None:
        _LOG.info("the operator interface listens", extra={"url": url})
        opened.set()

    opened = asyncio.Event()
    serving = asyncio.create_task(
        serve(people, settings.operator, operator_listens, stopped, "operator")
    )
    waiting = asyncio.create_task(opened.wait())
    try:
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
        if opened.is_set():
            await serve(webhooks, settings.gateway, listening, stopped)
    finally:
        waiting.cancel()
        stopped.set()
        await serving
