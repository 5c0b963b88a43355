"""How much a caller may send, how fast, and how often."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.doors import DoorSettings
from workers.gateway.outcomes import Outcome, Refused, answer
from workers.gateway.page import STYLE_SOURCE

MAX_SOURCES = 20000
"""Callers remembered at a time: the longest silent one is forgotten first (a few MB)."""


Refuse = Callable[[Outcome, int | None], ASGIApp]
"""How a door words a refusal; seconds to wait where trying again makes sense."""


class RateLimit:
    """A token bucket per caller, in memory: `rate` a second on average, `burst` at once."""

    def __init__(
        self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Take one token; 0 when there was one, else the seconds until there will be."""
        now = self._clock()
        tokens, before = self._buckets.pop(caller, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - before) * self._rate)
        allowed = tokens >= 1
        self._buckets[caller] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > MAX_SOURCES:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate


class Doorman:
    """Refuses, before anything is read, callers that come too often or with too many headers,
    and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, settings: DoorSettings, refuse: Refuse = answer) -> None:
        self._app = app
        self._settings = settings
        self._refuse = refuse
        self._limit = RateLimit(settings.rate_per_source, settings.burst_per_source)
        self._headers = _security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of any path."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, secured)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        if len(scope["headers"]) > self._settings.max_headers:
            return self._refuse(Outcome.TOO_MANY_HEADERS, None)
        wait = self._limit.wait(source_of(scope, self._settings.trusted_proxy))
        return self._refuse(Outcome.THROTTLED, math.ceil(wait)) if wait else None


def source_of(scope: Scope, trusted_proxy: bool) -> str:
    """The caller's address, an IPv6 one as its /64: who has one of those has all of it.

    Behind a trusted proxy it is the last entry of X-Forwarded-For, the one that proxy wrote;
    the entries before it are whatever the caller claimed.
    """
    client = scope.get("client")
    address = client[0] if client else ""
    if trusted_proxy:
        forwarded = [v for k, v in scope["headers"] if k == b"x-forwarded-for"]
        last = forwarded[-1].decode("latin-1").rpartition(",")[2].strip() if forwarded else ""
        address = last if _is_address(last) else address
    if ":" in address and _is_address(address):
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    return address


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """The whole body, whether its length was announced or not.

    Raises Refused when it is longer than `limit` bytes, takes more than `seconds`, or stops.
    """
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > limit:
        raise Refused(Outcome.TOO_LARGE)
    try:
        async with asyncio.timeout(seconds):
            return await _bounded(request, limit)
    except TimeoutError as error:
        raise Refused(Outcome.TOO_SLOW) from error


async def _bounded(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused(Outcome.TOO_LARGE)
    return bytes(body)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _security_headers(settings: DoorSettings) -> list[tuple[bytes, bytes]]:
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none'; style-src {STYLE_SOURCE}; "
        "form-action 'self'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if settings.tls or settings.trusted_proxy:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
