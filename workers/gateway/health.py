"""`GET /health`: this process answers. `GET /ready`: it can take webhooks now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from temporalio.client import Client
from temporalio.service import RPCError

from store.errors import StoreError

_LOG = logging.getLogger("tieout.gateway")
CHECK_SECONDS = 2.0


async def health(_: Request) -> Response:
    """Alive: the event loop turns."""
    return JSONResponse({"alive": True})


class Readiness:
    """Says of each thing the gateway needs whether it is there, and nothing more: anybody may
    ask."""

    def __init__(self, client: Client, ping_store: Callable[[], Awaitable[None]]) -> None:
        self._client = client
        self._ping_store = ping_store

    async def check(self, _: Request) -> Response:
        """200 when all are there, else 503."""
        temporal, store = await asyncio.gather(self._temporal(), self._store())
        ready = temporal and store
        return JSONResponse(
            {"ready": ready, "temporal": temporal, "store": store},
            status_code=200 if ready else 503,
        )

    async def _temporal(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._client.service_client.check_health(
                    timeout=timedelta(seconds=CHECK_SECONDS)
                )
        except (TimeoutError, RPCError, RuntimeError) as error:
            _LOG.warning("Temporal is not reached", exc_info=error)
            return False

    async def _store(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._ping_store()
        except (TimeoutError, StoreError) as error:
            _LOG.warning("the store is not reached", exc_info=error)
            return False
        return True
