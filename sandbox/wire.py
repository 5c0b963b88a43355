"""The transport of the stand-ins: real connections on loopback that can be aborted on purpose."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

ABORT = "sandbox.abort"
"""Key of `scope["extensions"]` with a function that resets the TCP connection at once."""

CONNECTION = "sandbox.connection"
"""Key of `scope["extensions"]` with a dict that lives as long as the connection."""

# SO_LINGER with a time of zero makes the kernel send RST, where a plain close would send FIN.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class AbortableProtocol(H11Protocol):
    """HTTP/1.1 whose requests carry, in their scope, the means to reset their connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        served = self.app
        remembered: dict[str, Any] = {}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[ABORT] = self._reset
            scope["extensions"][CONNECTION] = remembered
            await served(scope, receive, send)

        self.app = app

    def _reset(self) -> None:
        connection = self.transport.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()


class Listener:
    """One ASGI application on one loopback port, in the running event loop.

    Without uvicorn's own server loop: that one takes over the signals of the process and needs a
    tenth of a second to stop. The port can be bound again right after the process was killed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._config = Config(
            app,
            http=AbortableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            # Longer than callers keep idle connections, so that closing never races with a request.
            timeout_keep_alive=75,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1 and return the port; raises OSError if it is taken."""
        self._config.load()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: AbortableProtocol(self._config, self._state, {}, loop),
            host="127.0.0.1",
            port=port,
            reuse_address=True,
            backlog=1024,
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace: float = 1.0) -> None:
        """Take no more requests, let the running ones finish within `grace` seconds, and close."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(set(self._state.tasks), timeout=grace)
        for connection in list(self._state.connections):
            _abort(connection)
        if self._state.tasks:
            await asyncio.wait(set(self._state.tasks), timeout=0.1)
        for task in list(self._state.tasks):
            task.cancel()
        await self._server.wait_closed()
        self._server = None


def _abort(connection: Any) -> None:
    if connection.transport is not None:
        connection.transport.abort()
