"""Deliveries that are refused, and callers that are slowed down or cut off."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.gateway.conftest import Door, OpenDoor
from workers.gateway.page import STYLE_SOURCE
from workers.temporal import data_converter

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_wrong_signature_is_refused_and_starts_nothing(door: Door) -> None:
    response = await door.deliver("invoice.create", "1", verifier="not-the-verifier")
    assert (response.status_code, response.json()) == (401, {"outcome": "forged"})
    assert door.starts.ids == []


async def test_a_missing_signature_is_refused(door: Door) -> None:
    fields = [("name", "invoice.create"), ("object_id", "1")]
    assert (await door.post(fields, verifier=None)).status_code == 401
    assert door.starts.ids == []


async def test_a_signature_of_another_connection_is_refused(open_door: OpenDoor) -> None:
    ours, theirs = await open_door(), await open_door()
    await theirs.store.callbacks.remember_pending(
        theirs.connection.name, "7", "invoice", "https://hooks.example", "their-own-verifier"
    )
    await theirs.store.callbacks.activate(theirs.connection.name, "7")
    response = await ours.deliver("invoice.create", "1", verifier="their-own-verifier")
    assert response.status_code == 401


async def test_an_unknown_connection_is_not_found(door: Door) -> None:
    response = await door.http.post("/webhooks/freshbooks/nobody", headers=FORM, content="a=b")
    assert (response.status_code, response.json()) == (404, {"outcome": "unknown connection"})


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", ""])
async def test_what_is_no_form_by_its_type_is_refused(door: Door, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    response = await door.http.post(door.path, headers=headers, content=b"{}")
    assert response.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"name=invoice.create",
        b"object_id=1",
        b"name=invoice.create&object_id=",
        b"name=invoice.create&object_id=-1",
        b"name=invoice.create&object_id=1%2F..%2F2",
        b"name=invoice.create&object_id=" + b"1" * 21,
        "name=invoice.create&object_id=١".encode(),
        b"name=invoice.create&object_id=1&x=%ff",
        b"\xff\xfe\x00",
        b"&".join(b"f%d=1" % n for n in range(60)),
    ],
)
async def test_a_malformed_body_is_refused(door: Door, body: bytes) -> None:
    response = await door.http.post(door.path, headers=FORM, content=body)
    assert (response.status_code, response.json()) == (400, {"outcome": "malformed"})
    assert door.starts.ids == []


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(door: Door) -> None:
    response = await door.http.post(door.path, headers=FORM, content=b"a" * 65537)
    assert response.status_code == 413
    assert response.headers["connection"] == "close"


async def test_a_body_of_unannounced_length_is_cut_off_too(door: Door) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield b"a" * 1024

    response = await door.http.post(door.path, headers=FORM, content=endless())
    assert response.status_code == 413


async def test_an_announced_hundred_megabytes_are_refused_unread(door: Door) -> None:
    answer = await _raw(door, _head(door, "Content-Length: 104857600") + b"a=")
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_slow_body_ends_with_a_timeout(open_door: OpenDoor) -> None:
    door = await open_door(body_seconds=0.2)
    answer = await _raw(door, _head(door, "Content-Length: 10") + b"a=")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_slow_headers_end_the_connection(open_door: OpenDoor) -> None:
    door = await open_door(header_seconds=0.2)
    assert await _raw(door, b"POST /webhooks") == b""


async def test_slow_headers_of_a_second_request_end_the_connection(open_door: OpenDoor) -> None:
    door = await open_door(header_seconds=0.2)
    first = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await _raw(door, first, b"GET /he")
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_a_caller_that_says_nothing_is_cut_off(open_door: OpenDoor) -> None:
    door = await open_door(header_seconds=0.2)
    assert await _raw(door, b"") == b""


async def test_too_many_headers_are_refused(door: Door) -> None:
    headers = {f"X-Filler-{n}": "1" for n in range(80)}
    assert (await door.http.get("/health", headers=headers)).status_code == 431


async def test_headers_beyond_the_limit_are_refused(door: Door) -> None:
    answer = await _raw(door, b"GET /health HTTP/1.1\r\nX: " + b"a" * 40000)
    assert answer.startswith(b"HTTP/1.1 4")


async def test_a_caller_that_comes_too_often_is_told_when_to_come_again(
    open_door: OpenDoor,
) -> None:
    door = await open_door(rate_per_source=1.0, burst_per_source=2)
    answers = [await door.deliver("estimate.create", "1") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"


async def test_without_temporal_the_sender_is_told_to_try_again(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    away = await Client.connect(address, lazy=True, data_converter=data_converter())
    door = await open_door(client=away, temporal_seconds=1.0)
    with caplog.at_level(logging.INFO, logger="tieout.gateway"):
        response = await door.deliver("invoice.create", "4000001")
    assert (response.status_code, response.json()) == (503, {"outcome": "temporal away"})
    assert response.headers["retry-after"] == "5"
    assert "4000001" not in caplog.text


async def test_without_the_store_the_sender_is_told_to_try_again(
    door: Door, tmp_path: Path
) -> None:
    await door.store.close()
    (tmp_path / "store.db").write_bytes(b"this is no database" * 100)
    response = await door.deliver("invoice.create", "4000001", verifier="unknown-to-memory")
    assert (response.status_code, response.json()) == (503, {"outcome": "store away"})


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/freshbooks", "/docs", "/..%2f"])
async def test_there_are_no_other_doors(door: Door, path: str) -> None:
    response = await door.http.get(path)
    assert response.status_code == 404
    assert response.text == "Not Found"


async def test_a_webhook_is_only_posted(door: Door) -> None:
    assert (await door.http.get(door.path)).status_code == 405


@pytest.mark.parametrize("path", ["/health", "/nowhere"])
async def test_every_answer_has_the_security_headers(door: Door, path: str) -> None:
    headers = (await door.http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        f"style-src {STYLE_SOURCE}",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def _head(door: Door, *more: str) -> bytes:
    lines = [
        f"POST {door.path} HTTP/1.1",
        "Host: gateway",
        "Content-Type: application/x-www-form-urlencoded",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _raw(door: Door, *parts: bytes) -> bytes:
    """Send these bytes, with a breath between them, and nothing more; read until the end."""
    host, port = door.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.05)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer
