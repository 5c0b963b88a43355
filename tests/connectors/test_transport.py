"""The transport sends once, within its bounds, to one host, and says what a failure means."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.responses import PlainTextResponse

from connectors import transport as transport_module
from connectors.errors import Misconfigured, OutcomeUnknown, Unavailable
from connectors.limits import TokenBucket
from connectors.network import Network
from connectors.transport import Transport

Handler = Callable[[httpx.Request], httpx.Response]
BASE = "https://api.example.test/root"
HERE = Network(allow_private=True)


def failing(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


def over(handler: Handler, **options: object) -> Transport:
    return Transport("demo", BASE, transport=httpx.MockTransport(handler), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "for_write"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ConnectTimeout("no"), Unavailable),
        (httpx.PoolTimeout("no"), Unavailable),
        (httpx.ProxyError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.WriteTimeout("no"), OutcomeUnknown),
        (httpx.ReadError("no"), OutcomeUnknown),
        (httpx.WriteError("no"), OutcomeUnknown),
        (httpx.RemoteProtocolError("no"), OutcomeUnknown),
        (httpx.DecodingError("no"), OutcomeUnknown),
    ],
)
async def test_a_lost_call_is_unknown_only_for_a_write_that_may_have_been_sent(
    error: httpx.HTTPError, for_write: type[Exception]
) -> None:
    async with over(failing(error)) as transport:
        with pytest.raises(for_write):
            await transport.send("POST", "/x", operation="write", writes=True)
        with pytest.raises(Unavailable):
            await transport.send("GET", "/x", operation="read")


async def test_a_reply_of_any_status_is_returned_and_no_redirect_is_followed() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://elsewhere.test/"})

    async with over(handler) as transport:
        response = await transport.send("GET", "/a", operation="read", params={"q": "x y"})
    assert response.status_code == 302
    assert seen == ["https://api.example.test/root/a?q=x%20y"]


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.test/x",
        "http://api.example.test/x",
        "https://api.example.test:8443/x",
        "https://api.example.test@elsewhere.test/x",
    ],
)
async def test_an_absolute_url_of_another_origin_is_refused_before_anything_is_sent(
    url: str,
) -> None:
    async with over(failing(AssertionError("sent"))) as transport:
        with pytest.raises(Misconfigured, match="only speaks to"):
            await transport.send("GET", url, operation="next page")


async def test_an_absolute_url_of_the_same_host_is_followed_as_given() -> None:
    async with over(lambda r: httpx.Response(200, text=r.url.path)) as transport:
        response = await transport.send("GET", "https://api.example.test/z", operation="next")
    assert response.text == "/z"


async def test_a_reply_beyond_the_limit_is_not_kept() -> None:
    async with over(
        lambda _: httpx.Response(200, content=b"x" * 101), max_response_bytes=100
    ) as transport:
        with pytest.raises(Unavailable, match="longer than 100 bytes"):
            await transport.send("GET", "/x", operation="read")
        with pytest.raises(OutcomeUnknown):
            await transport.send("POST", "/x", operation="write", writes=True)


async def test_a_compressed_reply_is_readable_and_counted_decompressed() -> None:
    import gzip

    packed = gzip.compress(b'{"a": "' + b"x" * 1000 + b'"}')

    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"})

    async with over(handler) as transport:
        assert (await transport.send("GET", "/x", operation="read")).json()["a"] == "x" * 1000
    async with over(handler, max_response_bytes=500) as transport:
        with pytest.raises(Unavailable):
            await transport.send("GET", "/x", operation="read")


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that takes connections and never answers."""
    ended = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    ended.set()
    server.close()
    await server.wait_closed()


async def test_a_silent_server_is_given_up_within_the_timeout(silent_port: int) -> None:
    async with Transport(
        "demo", f"http://127.0.0.1:{silent_port}", timeout=0.2, network=HERE
    ) as transport:
        with pytest.raises(OutcomeUnknown):
            await transport.send("POST", "/x", operation="write", writes=True)
        with pytest.raises(Unavailable):
            await transport.send("GET", "/x", operation="read")


async def test_a_write_that_never_got_its_turn_was_certainly_not_sent(silent_port: int) -> None:
    async with Transport(
        "demo", f"http://127.0.0.1:{silent_port}", timeout=0.2, max_concurrency=1, network=HERE
    ) as transport:
        first = asyncio.create_task(transport.send("POST", "/x", operation="write", writes=True))
        await asyncio.sleep(0.05)
        with pytest.raises(OutcomeUnknown):
            await first
        blocked = Transport(
            "demo", f"http://127.0.0.1:{silent_port}", timeout=0.1, limiter=_Never(), network=HERE
        )
        async with blocked:
            with pytest.raises(Unavailable):
                await blocked.send("POST", "/x", operation="write", writes=True)


class _Never:
    async def acquire(self) -> None:
        await asyncio.Event().wait()


class _Looks:
    """Stands before the finders of modules and notes what is looked for."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def find_spec(self, name: str, *_: object) -> None:
        self.wanted.append(name)


async def test_a_call_looks_for_no_module_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    way = httpx.ASGITransport(PlainTextResponse("here"))
    looks = _Looks()
    async with Transport("demo", BASE, transport=way) as transport:
        await transport.send("GET", "/x", operation="read")
        monkeypatch.setattr(sys, "meta_path", [looks, *sys.meta_path])
        await transport.send("GET", "/x", operation="read")
    assert looks.wanted == []


async def test_no_more_calls_run_at_once_than_allowed() -> None:
    running = most = 0

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            return httpx.Response(200)

    async with Transport("demo", BASE, max_concurrency=2, transport=Slow()) as transport:
        await asyncio.gather(*(transport.send("GET", "/x", operation="read") for _ in range(6)))
    assert most == 2


async def test_the_token_bucket_lets_a_burst_pass_and_then_keeps_the_rate() -> None:
    now = 100.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(round(seconds, 6))
        now += seconds

    bucket = TokenBucket(2.0, burst=2, clock=lambda: now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        for _ in range(4):
            await bucket.acquire()
    assert slept == [0.5, 0.5]


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="positive rate"):
        TokenBucket(0)


async def test_a_span_names_the_operation_and_holds_no_address_or_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(transport_module, "_TRACER", provider.get_tracer("test"))
    async with over(lambda _: httpx.Response(200)) as transport:
        await transport.send(
            "GET", "/clients", operation="list clients", params={"email": "jo@example.test"}
        )
    (span,) = exporter.get_finished_spans()
    assert span.name == "demo list clients"
    assert dict(span.attributes or {}) == {
        "tieout.system": "demo",
        "tieout.operation": "list clients",
        "http.request.method": "GET",
        "server.address": "api.example.test",
        "http.response.status_code": 200,
    }
