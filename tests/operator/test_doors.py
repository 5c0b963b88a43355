"""Who is let in, and what everybody else hears."""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import urlsplit

import pytest

from documents.hold import Hold, HoldClass
from documents.key import Kind
from tests.operator.conftest import CONNECTION, Office, OpenOffice
from workers.access.callers import Role
from workers.doors import OperatorSettings
from workers.settings import SettingsError, check_bind

RESOLVE = f"/operator/documents/{Kind.INVOICE.value}/1000001/resolve"
BODY = {"connection": CONNECTION, "action": "retry", "why": "unblocked"}
GUARDED = [("GET", "/operator/holds"), ("GET", "/operator/documents/7"), ("POST", RESOLVE)]
ENOUGH = {
    "/operator/holds": Role.VIEWER,
    "/operator/documents/7": Role.VIEWER,
    RESOLVE: Role.OPERATOR,
}


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic YTpi", "Bearer tieout_0_0"])
async def test_nobody_enters_without_a_valid_token(
    office: Office, method: str, path: str, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    answer = await office.http.request(method, path, headers=headers, json=BODY)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("role", Role)
async def test_each_role_may_do_what_is_stated_and_no_more(
    office: Office, method: str, path: str, role: Role
) -> None:
    answer = await office.ask(method, path, role, json=BODY)
    assert (answer.status_code == 403) is not role.includes(ENOUGH[path])


async def test_a_revoked_token_opens_nothing_any_more(office: Office) -> None:
    token = await office.token(Role.APPROVER, "Ada")
    headers = {"Authorization": f"Bearer {token}"}
    assert (await office.http.get("/operator/holds", headers=headers)).status_code == 200
    await office.store.persons.revoke("Ada")
    assert (await office.http.get("/operator/holds", headers=headers)).status_code == 401


async def test_the_description_and_health_are_for_everybody(office: Office) -> None:
    assert (await office.http.get("/health")).status_code == 200
    described = (await office.http.get("/operator/openapi.json")).json()
    assert set(described["paths"]) >= {"/operator/holds", "/operator/documents/{number}"}


async def test_a_body_too_large_announced_or_not_is_refused(open_office: OpenOffice) -> None:
    office = await open_office(max_body=2048)
    headers = {"Authorization": f"Bearer {await office.token(Role.OPERATOR)}"}
    headers["Content-Type"] = "application/json"
    announced = await office.http.post(RESOLVE, content=b" " * 4096, headers=headers)
    assert announced.status_code == 413
    huge = await _raw(office, f"Content-Length: {100 * 1024 * 1024}", await _bearer(office))
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    chunked = await _raw(office, "Transfer-Encoding: chunked", await _bearer(office), body=chunk)
    for answer in (huge, chunked):
        assert b" 413 " in answer.partition(b"\r\n")[0]


async def test_a_slow_body_is_given_up(open_office: OpenOffice) -> None:
    office = await open_office(body_seconds=0.3)
    begun = time.monotonic()
    answer = await _raw(office, "Content-Length: 100", await _bearer(office))
    assert b" 408 " in answer.partition(b"\r\n")[0]
    assert time.monotonic() - begun < 5


async def test_slow_or_endless_headers_are_given_up(open_office: OpenOffice) -> None:
    office = await open_office(header_seconds=0.3, max_header_bytes=2048, max_headers=8)
    assert await _sent(office, b"GET /operator/holds HTTP/1.1\r\nHost: x\r\nX-Slow:") == b""
    many = "\r\n".join(f"X-{n}: y" for n in range(20))
    answer = await _sent(office, f"GET /health HTTP/1.1\r\nHost: x\r\n{many}\r\n\r\n".encode())
    assert b" 431 " in answer.partition(b"\r\n")[0]


async def test_who_comes_too_often_must_wait(open_office: OpenOffice) -> None:
    office = await open_office(rate_per_source=1.0, burst_per_source=3)
    statuses = [(await office.http.get("/health")).status_code for _ in range(5)]
    assert statuses[:3] == [200, 200, 200]
    refused = await office.http.get("/operator/holds")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1


async def test_every_answer_carries_the_security_headers(office: Office) -> None:
    for path in ("/health", "/operator/holds", "/nothing", "/operator/openapi.json"):
        answer = await office.http.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_a_bug_of_ours_is_told_without_its_place(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(office.store.documents, "held", broken)
    answer = await office.ask("GET", "/operator/holds")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert "Traceback" not in answer.text
    assert any(record.exc_info for record in caplog.records)


async def test_every_use_leaves_a_line_that_names_nobody(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    hold = Hold(cause="c", hold_class=HoldClass.DATA, reason="Wilhelmina is unknown")
    await office.store.documents.hold(CONNECTION, Kind.INVOICE, "1000001", hold)
    token = await office.token(Role.OPERATOR, "Ada Lovelace")
    with caplog.at_level(logging.INFO, logger="tieout.audit"):
        headers = {"Authorization": f"Bearer {token}"}
        answer = await office.http.get("/operator/holds", headers=headers)
        await office.http.get("/operator/holds")
    assert "Wilhelmina is unknown" in answer.text
    lines = [vars(r) for r in caplog.records if r.name == "tieout.audit"]
    assert [(line["caller"], line["outcome"]) for line in lines] == [
        (token.split("_")[1], "done"),
        ("", "refused"),
    ]
    for line in lines:
        assert not any(word in str(line) for word in ("Ada", "Wilhelmina", token))


def test_beyond_loopback_it_needs_tls_or_a_stated_proxy() -> None:
    with pytest.raises(SettingsError, match=r"operator\.host"):
        check_bind(OperatorSettings(host="0.0.0.0"), "operator")
    check_bind(OperatorSettings(host="0.0.0.0", trusted_proxy=True), "operator")


async def _bearer(office: Office) -> str:
    return f"Authorization: Bearer {await office.token(Role.OPERATOR)}"


async def _raw(office: Office, *headers: str, body: bytes = b"") -> bytes:
    """A POST that announces more of a body than it sends."""
    lines = [f"POST {RESOLVE} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    return await _sent(office, "\r\n".join([*lines, "", ""]).encode() + body)


async def _sent(office: Office, request: bytes) -> bytes:
    """What comes back until the other side closes, or nothing more comes."""
    where = urlsplit(str(office.http.base_url))
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(request)
    await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
