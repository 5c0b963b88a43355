"""Several connections to one host, each used by one call at a time.

Windows sign-in belongs to the connection: its legs must not mix with those of another call, and
a connection that is signed in serves later calls without asking again. The one used last is
used next, because it is the most likely to be signed in still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

from connectors.ax.auth import Secret, WindowsAuth
from connectors.ax.errors import SYSTEM
from connectors.ax.settings import AxSettings
from connectors.errors import OutcomeUnknown, Unavailable
from connectors.limits import RateLimiter
from connectors.transport import Transport
from connectors.turns import Gate, in_turn


class Lanes:
    """Sends requests over `max_concurrency` connections; more calls wait, within the timeout."""

    def __init__(
        self,
        settings: AxSettings,
        *,
        limiter: RateLimiter | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        secret: Secret | None = None,
    ) -> None:
        shared = in_turn(limiter, settings.requests_per_second)
        self._settings = settings
        self._lanes = [
            Transport(
                SYSTEM,
                settings.base_url,
                timeout=settings.timeout,
                max_concurrency=1,
                limiter=shared,
                network=settings.network,
                transport=transport,
            )
            for _ in range(settings.max_concurrency)
        ]
        self._auth = WindowsAuth(settings, secret)
        self._gate = Gate(settings.max_concurrency)
        self._free = list(self._lanes)

    async def send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        writes: bool,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request and return its reply, whatever its status.

        Raises Unavailable when nothing was sent or a read failed, OutcomeUnknown, with the time
        AX may still take, when a write may have been carried out.
        """
        await self._wait(operation)
        lane = self._free.pop()
        try:
            return await lane.send(
                method,
                path,
                operation=operation,
                writes=writes,
                content=content,
                headers=headers,
                auth=self._auth,
            )
        except OutcomeUnknown as error:
            settle = self._settings.settle_seconds
            raise OutcomeUnknown(SYSTEM, operation, error.message, settle) from error
        finally:
            self._free.append(lane)
            self._gate.leave()

    async def aclose(self) -> None:
        """Close the connections."""
        for lane in self._lanes:
            await lane.aclose()

    async def _wait(self, operation: str) -> None:
        if self._gate.enter_at_once():
            return
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._gate.enter()
        except TimeoutError as error:
            raise Unavailable(SYSTEM, operation, "every connection to AX is busy") from error
