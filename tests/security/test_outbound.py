"""Where calls may go, whom they trust there, and what they bring along."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.errors import ConnectorError, Misconfigured, Unavailable
from connectors.network import Network, is_allowed
from connectors.transport import Transport
from tests.access.serving import served
from tests.security.certificates import Authority
from workers.doors import DoorSettings

HERE = Network(allow_private=True)
IN_CLEAR = Network(allow_private=True, allow_clear_text=True)


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def _refused(url: str, network: Network | None = None) -> str:
    async with Transport("demo", url, network=network, timeout=3) as transport:
        with pytest.raises(Misconfigured) as refused:
            await transport.send("GET", "/", operation="read")
    return str(refused.value)


async def test_nothing_leaves_this_machine_in_clear_unless_somebody_vouches() -> None:
    for host in ("erp.example.com", "10.1.2.3", "[fd00::1]"):
        with pytest.raises(Misconfigured, match="allow_clear_text: true"):
            Transport("demo", f"http://{host}:9", network=HERE)
        await Transport("demo", f"http://{host}:9", network=IN_CLEAR).aclose()
        await Transport("demo", f"https://{host}:9", network=HERE).aclose()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
        "169.254.169.254", "[::1]", "[fd00::1]", "[fe80::1]", "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost",
    ],
)  # fmt: skip
async def test_private_and_special_addresses_are_refused(host: str) -> None:
    said = await _refused(f"https://{host}:9")
    assert "network.allow_private: true" in said


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "224.0.0.1", "0.0.0.0"])
async def test_special_addresses_are_refused_even_where_private_ones_are_allowed(host: str) -> None:
    assert "refused to call" in await _refused(f"https://{host}:9", HERE)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), allow_private=False)


async def test_private_addresses_are_called_where_it_was_said_so() -> None:
    async with served(_app()) as url, Transport("demo", url, network=HERE) as transport:
        assert (await transport.send("GET", "/seen", operation="read")).status_code == 200


async def test_a_name_with_one_private_answer_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, ["93.184.216.34", "127.0.0.1"])
    assert "refused to call rebound.example" in await _refused("https://rebound.example")


async def test_the_call_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers differently the second time changes nothing."""
    async with served(_app()) as url:
        port = int(url.rpartition(":")[2])
        asked = _names(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
        async with Transport("demo", f"http://erp.example:{port}", network=IN_CLEAR) as transport:
            for _ in range(3):
                answer = await transport.send("GET", "/seen", operation="read")
                assert answer.json()["host"] == f"erp.example:{port}"
    assert asked == ["erp.example"]


async def test_an_unknown_name_is_an_outage_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch)
    async with Transport("demo", "http://nowhere.example", network=IN_CLEAR) as transport:
        with pytest.raises(Unavailable):
            await transport.send("POST", "/", operation="write", writes=True)


async def test_the_next_address_is_tried_when_one_accepts_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(_app()) as url:
        port = int(url.rpartition(":")[2])
        _names(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        async with Transport("demo", f"http://erp.example:{port}", network=IN_CLEAR) as transport:
            assert (await transport.send("GET", "/seen", operation="read")).status_code == 200


async def test_tls_is_verified_by_authority_and_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trusting = Network(allow_private=True, ca_file=authority.ca_file)
    async with _tls(authority, "erp.example") as port:
        _names(monkeypatch, ["127.0.0.1"])
        assert await _status(f"https://erp.example:{port}", trusting) == 200
        assert await _status(f"https://erp.example:{port}", HERE) is Unavailable
        assert await _status(f"https://other.example:{port}", trusting) is Unavailable
        assert await _status(f"https://127.0.0.1:{port}", trusting) is Unavailable


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Misconfigured, match=r"network\.ca_file .*ca\.pem cannot be used"):
        Transport("demo", "https://erp.example", network=Network(ca_file=path))


async def test_no_redirect_is_followed_and_no_other_host_hears_our_credentials() -> None:
    async with served(_app()) as elsewhere, served(_app(elsewhere)) as url:
        async with Transport("demo", url, network=HERE) as transport:
            secret = {"Authorization": "Bearer the-secret"}
            answer = await transport.send("GET", "/away", operation="read", headers=secret)
            assert answer.status_code == 302
            with pytest.raises(Misconfigured, match="only speaks to"):
                await transport.send("GET", f"{elsewhere}/seen", operation="read", headers=secret)
        async with Transport("demo", elsewhere, network=HERE) as other:
            assert (await other.send("GET", "/count", operation="read")).text == "0"


async def test_a_reply_without_end_is_given_up() -> None:
    async with (
        served(_app()) as url,
        Transport("demo", url, network=HERE, max_response_bytes=100_000) as transport,
    ):
        with pytest.raises(Unavailable, match="longer than 100000 bytes"):
            await transport.send("GET", "/endless", operation="read")


@pytest.mark.parametrize(
    ("coding", "says"),
    [
        ("gzip", "longer than 100000 bytes"),
        ("gzip, gzip", "not asked for"),
        ("gzip,gzip,gzip", "not asked for"),
        ("deflate", "not asked for"),
        ("br", "not asked for"),
    ],
)
async def test_a_small_reply_that_unpacks_to_a_huge_one_is_given_up(coding: str, says: str) -> None:
    async with (
        served(_app()) as url,
        Transport("demo", url, network=HERE, max_response_bytes=100_000) as transport,
    ):
        tracemalloc.start()
        with pytest.raises(Unavailable, match=says):
            await transport.send("GET", "/bomb", params={"as": coding}, operation="read")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 5_000_000


async def test_a_packed_reply_of_several_parts_is_read_whole() -> None:
    async with served(_app()) as url, Transport("demo", url, network=HERE) as transport:
        parts = await transport.send("GET", "/packed", operation="read")
        assert parts.text == "first second"
        for damage in ("cut", "altered"):
            with pytest.raises(Unavailable, match="packed"):
                await transport.send("GET", "/packed", params={"how": damage}, operation="read")


def _app(elsewhere: str = "") -> Starlette:
    calls = 0

    async def seen(request: Request) -> Response:
        nonlocal calls
        calls += 1
        return Response(f'{{"host": "{request.headers["host"]}"}}', media_type="application/json")

    async def count(_: Request) -> Response:
        return Response(str(calls))

    async def away(_: Request) -> Response:
        return RedirectResponse(f"{elsewhere}/seen", 302)

    async def endless(_: Request) -> Response:
        return Response(b"x" * 1_000_000)

    async def bomb(request: Request) -> Response:
        coding = request.query_params["as"]
        return Response(bombs[coding.count("gzip")], headers={"Content-Encoding": coding})

    async def packed(request: Request) -> Response:
        content = gzip.compress(b"first ") + gzip.compress(b"second")
        how = request.query_params.get("how", "")
        content = {"cut": content[:-3], "altered": b"\0" + content}.get(how, content)
        return Response(content, headers={"Content-Encoding": "gzip"})

    bombs = [gzip.compress(b"\0" * 50_000_000)]
    for _ in range(3):
        bombs.append(gzip.compress(bombs[-1]))
    bombs.insert(1, bombs[0])
    endpoints = {
        "seen": seen, "count": count, "away": away, "endless": endless, "bomb": bomb,
        "packed": packed,
    }  # fmt: skip
    return Starlette(routes=[Route(f"/{name}", each) for name, each in endpoints.items()])


@asynccontextmanager
async def _tls(authority: Authority, name: str) -> AsyncIterator[int]:
    certificate, key = authority.issue([name])
    settings = DoorSettings(port=0, tls_certificate=certificate, tls_private_key=key)
    async with served(_app(), settings) as url:
        yield int(url.rpartition(":")[2])


async def _status(url: str, network: Network) -> int | type[ConnectorError]:
    async with Transport("demo", url, network=network, timeout=5) as transport:
        try:
            return (await transport.send("GET", "/seen", operation="read")).status_code
        except ConnectorError as error:
            return type(error)


def _names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names are looked up here: each time the next answer, then always the last."""
    asked: list[str] = []
    left = list(answers)

    async def getaddrinfo(_: Any, host: str, port: int, **__: Any) -> list[Any]:
        asked.append(host)
        if not left:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        answer = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in answer]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", getaddrinfo)
    return asked
