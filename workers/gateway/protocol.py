"""HTTP/1.1 of the gateway: uvicorn's, with a limit on how long the head of a request may take."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class PatientProtocol(H11Protocol):
    """Closes a connection whose request line and headers do not arrive in time.

    uvicorn waits for them for ever, so that a caller who sends a byte a minute would keep the
    connection. The time is counted from the opening of the connection, or from the first byte
    after an earlier answer; idle connections end by uvicorn's keep-alive time.
    """

    header_seconds = 10.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller connected: its first request is due."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Bytes came: either the head is complete now, or it is still due."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self.conn.trailing_data[0]:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection ended, whoever ended it."""
        self._stop_timer()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.header_seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._head_timer = None
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def patient(seconds: float) -> type[PatientProtocol]:
    """The protocol with this limit in seconds; uvicorn makes its instances itself."""
    return type("PatientProtocol", (PatientProtocol,), {"header_seconds": seconds})
