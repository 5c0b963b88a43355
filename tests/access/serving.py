"""An application on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from workers.doors import DoorSettings
from workers.gateway.serve import serve


@asynccontextmanager
async def served(app: ASGIApp, settings: DoorSettings | None = None) -> AsyncIterator[str]:
    """Serve on a free port as the product does; gives the base URL."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stopped = asyncio.Event()
    door = settings or DoorSettings(port=0)
    serving = asyncio.create_task(serve(app, door, address.set_result, stopped))
    try:
        yield await asyncio.wait_for(address, 10)
    finally:
        stopped.set()
        await serving
