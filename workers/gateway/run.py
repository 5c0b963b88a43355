"""`tieout gateway`: the gateway with everything it needs, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from workers.connections import load_connections
from workers.gateway.app import build_gateway
from workers.gateway.serve import serve
from workers.opening import open_store
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
    connections = load_connections(settings.connections)
    async with running(settings) as process, open_store(settings) as store:
        client = await connect(settings, runtime=process.runtime, lazy=True)
        app = build_gateway(client, store, connections, settings, process.measures)
        registering = asyncio.create_task(register_search_attributes(client))
        await serve(app, settings.gateway, listening, process.stopped)
        registering.cancel()
        _LOG.info("the gateway has stopped")
