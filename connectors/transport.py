"""One HTTP connection to one outside system: bounded, limited, traced, never retried."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind

from connectors.errors import (
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    ReplyTooLong,
    Unavailable,
)
from connectors.limits import RateLimiter
from connectors.network import AddressRefused, Network, guarded
from connectors.turns import Gate, in_turn
from connectors.unpacking import TooLong, Unpacking, UnreadableReply

# Both libraries log whole URLs and headers below this level: names, e-mails and tokens.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)

# They look on disk for sniffio, which is there with trio only, for every lock of every call: a
# sixth of a worker's time. Said once that it is not there, they do not look.
if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

_TRACER = trace.get_tracer("tieout.connectors")

MAX_RESPONSE_BYTES = 20 * 1024 * 1024
"""Longest reply that is read, decompressed. A page of 100 documents is far below it."""

_URLS_KEPT = 256

Params = Mapping[str, str] | Sequence[tuple[str, str]]

_NOTHING_SENT: tuple[type[httpx.HTTPError], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)
"""Failures before the first byte of the request: a write certainly had no effect."""


class Transport:
    """Sends requests to one host.

    `timeout` in seconds bounds each phase of a call and the call as a whole, the wait for a free
    slot included, so that a fence's deadline can be computed from it. No redirect is followed
    and nothing is retried: a reply of any status is returned, a lost one raises.

    Concurrency is limited within this process; `limiter` is where a rate shared by all workers
    is injected, otherwise `requests_per_second` is kept in this process. Steps of the lowest
    priority come behind all others, and leave one slot to them. `network` says where
    calls may go and whom they trust there; `transport` stands in for all of that.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        timeout: float = 30.0,
        max_concurrency: int = 4,
        requests_per_second: float | None = None,
        limiter: RateLimiter | None = None,
        network: Network | None = None,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.system = system
        self.base_url = httpx.URL(base_url)
        self.timeout = timeout
        self._slots = Gate(max_concurrency)
        self._limiter = in_turn(limiter, requests_per_second)
        limits = httpx.Limits(max_connections=max_concurrency)
        self._client = httpx.AsyncClient(
            base_url=self.base_url,
            # Connecting gets half, so that an unreachable host is told from a lost reply.
            timeout=httpx.Timeout(timeout, connect=timeout / 2, pool=timeout / 2),
            transport=Unpacking(
                transport or self._leaving(network or Network(), limits), max_response_bytes
            ),
            follow_redirects=False,
        )
        # Addresses repeat, and taking one apart costs more than the rest of the request.
        self._url = lru_cache(maxsize=_URLS_KEPT)(self._whole)

    def _leaving(self, network: Network, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
        try:
            return guarded(self.base_url, network, limits)
        except AddressRefused as error:
            raise Misconfigured(self.system, "connect", str(error)) from error
        except OSError as error:
            raise Misconfigured(
                self.system, "connect", f"network.ca_file {network.ca_file} cannot be used"
            ) from error

    async def send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        writes: bool = False,
        params: Params | None = None,
        json: object = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> httpx.Response:
        """Send one request and return its whole reply, whatever its status.

        `path` is relative to the base URL, or absolute on the same host (a next link).
        `operation` names the call in errors and traces and must hold no personal data.
        Raises Unavailable when nothing was sent or a read failed, OutcomeUnknown when a write
        may have been carried out, Misconfigured for a URL of another host.
        """
        request = self._request(
            method,
            path + _query(path, params),
            operation,
            json=json,
            data=data,
            content=content,
            headers=headers,
        )
        with _TRACER.start_as_current_span(
            f"{self.system} {operation}", kind=SpanKind.CLIENT, record_exception=False
        ) as span:
            self._describe(span, request, operation)
            response = await self._bounded(request, auth, operation, writes)
            span.set_attribute("http.response.status_code", response.status_code)
            return response

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _request(self, method: str, path: str, operation: str, **parts: Any) -> httpx.Request:
        try:
            request = self._client.build_request(method, self._url(path), **parts)
        except httpx.InvalidURL as error:
            raise Misconfigured(self.system, operation, "the address is not a URL") from error
        if _origin(request.url) != _origin(self.base_url):
            # Credentials go with every request, so a link to elsewhere must never be followed.
            raise Misconfigured(
                self.system,
                operation,
                f"refused to call {request.url.host}: this connection only speaks to "
                f"{self.base_url.host}",
            )
        return request

    def _whole(self, path: str) -> httpx.URL:
        return self._client.build_request("GET", path).url

    def _describe(self, span: Span, request: httpx.Request, operation: str) -> None:
        span.set_attribute("tieout.system", self.system)
        span.set_attribute("tieout.operation", operation)
        span.set_attribute("http.request.method", request.method)
        span.set_attribute("server.address", request.url.host)

    async def _bounded(
        self, request: httpx.Request, auth: httpx.Auth | None, operation: str, writes: bool
    ) -> httpx.Response:
        started = False
        try:
            async with asyncio.timeout(self.timeout), self._slots:
                await self._limiter.acquire()
                started = True
                return await self._client.send(request, auth=auth)
        except TimeoutError as error:
            raise self._lost(
                operation, f"no reply within {self.timeout:g} s", writes and started
            ) from error
        except TooLong as error:
            if writes:
                raise self._lost(operation, str(error), writes) from error
            raise ReplyTooLong(self.system, operation, str(error)) from error
        except UnreadableReply as error:
            raise self._lost(operation, str(error), writes) from error
        except AddressRefused as error:
            raise Misconfigured(self.system, operation, str(error)) from error
        except httpx.UnsupportedProtocol as error:
            raise Misconfigured(self.system, operation, "the base URL is not http(s)") from error
        except httpx.HTTPError as error:
            sent = not isinstance(error, _NOTHING_SENT)
            raise self._lost(operation, _cause(error), writes and sent) from error

    def _lost(self, operation: str, message: str, may_have_acted: bool) -> ConnectorError:
        error = OutcomeUnknown if may_have_acted else Unavailable
        return error(self.system, operation, message)


def _query(path: str, params: Params | None) -> str:
    """Percent-encoded, a space as %20: OData reads a plus sign as a plus sign."""
    if not params:
        return ""
    pairs = list(params.items()) if isinstance(params, Mapping) else list(params)
    return ("&" if "?" in path else "?") + urlencode(pairs, quote_via=quote, safe="$")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _cause(error: httpx.HTTPError) -> str:
    """The kind of failure, never its text: that may quote an address with personal data."""
    inner = error.__cause__ or error.__context__
    root = inner.__cause__ or inner.__context__ if inner is not None else None
    names = [type(e).__name__ for e in (error, root) if e is not None]
    return "the call failed: " + ", ".join(dict.fromkeys(names))
