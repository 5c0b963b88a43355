"""A door as a part of a process: the gateway, the operator interface, the codec server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from workers.doors import DoorSettings, check_bind
from workers.gateway.protocol import patient

Ready = Callable[[str], None]
"""Told the base URL once the port is open."""

_TICK_SECONDS = 0.1
"""uvicorn's own: every tenth one renews the date in the answers."""


async def serve(
    app: ASGIApp,
    settings: DoorSettings,
    ready: Ready,
    stopped: asyncio.Event,
    section: str = "gateway",
) -> None:
    """Serve until `stopped`, then let running requests finish within `shutdown_seconds`.

    Raises SettingsError for a bind that would show signatures or tokens to the network (naming
    the section of the settings), and OSError when the port is taken.
    """
    check_bind(settings, section)
    listening = _listen(settings)
    server = _Server(_config(app, settings), stopped, lambda: ready(_url(settings, listening)))
    try:
        await server.serve(sockets=[listening])
    finally:
        listening.close()


class _Server(uvicorn.Server):
    """uvicorn without its hold on the signals of the process: it would raise them again after
    an orderly end, and so kill the process before it closed its store."""

    def __init__(
        self, config: uvicorn.Config, stopped: asyncio.Event, on_started: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._stopped = stopped
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _TICK_SECONDS)
            self.should_exit = self._stopped.is_set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp, settings: DoorSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=patient(settings.header_seconds),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=settings.max_header_bytes,
        limit_concurrency=settings.max_connections,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=str(settings.tls_private_key) if settings.tls_private_key else None,
    )


def _listen(settings: DoorSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With its protocol spelt out: else asyncio does not recognise TCP and leaves Nagle's
    # algorithm on, which delays every answer by the 40 ms of the caller's delayed ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(settings.max_connections)
    except OSError:
        listening.close()
        raise
    return listening


def _url(settings: DoorSettings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.tls else "http"
    return f"{scheme}://{host}:{listening.getsockname()[1]}"
