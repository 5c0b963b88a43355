"""The codec server as Temporal's Web UI, its command line and a stranger meet it."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload, Payloads

from store.keyring import KeyRing
from tests.access.serving import served
from tests.access.test_tokens import Known
from workers.access.callers import Concierge, Role
from workers.access.tokens import PersonalTokens
from workers.codec import EncryptingCodec
from workers.codec_server import build_codec_server
from workers.doors import CodecSettings

RING = KeyRing.generate()
CODEC = EncryptingCodec(RING)
UI = "http://127.0.0.1:8233"
PATH_TOKEN = "a-path-token-for-development-0123456789"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"Northwind Traders"')


@dataclass
class Server:
    """A codec server that listens, with a viewer's token."""

    http: httpx.AsyncClient
    token: str

    async def ask(self, path: str, payloads: list[Payload], **headers: str) -> httpx.Response:
        body = json_format.MessageToJson(Payloads(payloads=payloads))
        return await self.http.post(path, content=body, headers=_headers(headers))

    async def decode(self, payloads: list[Payload], **headers: str) -> httpx.Response:
        return await self.ask("/decode", payloads, authorization=f"Bearer {self.token}", **headers)


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Namespace": "default", **given}


def read(response: httpx.Response) -> list[Payload]:
    assert response.status_code == 200, response.text
    return list(json_format.Parse(response.content, Payloads()).payloads)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Server]:
    known = Known()
    settings = CodecSettings(
        port=0, ui_origins=(UI,), path_token=PATH_TOKEN, max_body=65536, burst_per_source=10000
    )
    app = build_codec_server(CODEC, Concierge(PersonalTokens(known)), settings)
    async with served(app, settings) as url, httpx.AsyncClient(base_url=url) as http:
        yield Server(http, known.add(Role.VIEWER))


async def test_a_person_with_a_token_reads_payloads(server: Server) -> None:
    encrypted = await CODEC.encode([PLAIN, PLAIN])
    assert read(await server.decode(encrypted)) == [PLAIN, PLAIN]


async def test_what_was_never_encrypted_passes_through(server: Server) -> None:
    assert read(await server.decode([PLAIN])) == [PLAIN]


async def test_what_the_server_encodes_a_worker_can_read(server: Server) -> None:
    encoded = read(await server.ask("/encode", [PLAIN], authorization=f"Bearer {server.token}"))
    assert encoded != [PLAIN]
    assert await CODEC.decode(encoded) == [PLAIN]


@pytest.mark.parametrize("path", ["/decode", "/encode"])
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic YTpi", "tieout_x"])
async def test_without_a_token_nothing_is_decoded(server: Server, path: str, header: str) -> None:
    encrypted = await CODEC.encode([PLAIN])
    answer = await server.ask(path, encrypted, authorization=header)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_path_token_of_development_opens_without_a_header(server: Server) -> None:
    encrypted = await CODEC.encode([PLAIN])
    assert read(await server.ask(f"/{PATH_TOKEN}/decode", encrypted)) == [PLAIN]
    for wrong in (PATH_TOKEN[:-1], PATH_TOKEN + "x", "%20"):
        assert (await server.ask(f"/{wrong}/decode", encrypted)).status_code == 404


async def test_without_a_path_token_configured_no_path_opens() -> None:
    app = build_codec_server(CODEC, Concierge(), CodecSettings(port=0))
    async with served(app) as url, httpx.AsyncClient(base_url=url) as http:
        for path in ("//decode", "/x/decode"):
            assert (await http.post(path, json={"payloads": []})).status_code == 404


async def test_the_web_ui_may_ask_from_its_origin(server: Server) -> None:
    asked = {
        "Origin": UI,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace,authorization",
    }
    preflight = await server.http.options("/decode", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == UI
    answer = await server.decode(await CODEC.encode([PLAIN]), origin=UI)
    assert answer.headers["access-control-allow-origin"] == UI
    assert read(answer) == [PLAIN]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{UI}.evil.example", "*"])
async def test_no_other_site_may_ask(server: Server, origin: str) -> None:
    encrypted = await CODEC.encode([PLAIN])
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    preflight = await server.http.options("/decode", headers=asked)
    for answer in (preflight, await server.decode(encrypted, origin=origin)):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


async def test_every_use_leaves_a_line_without_content(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="tieout.audit"):
        await server.decode(await CODEC.encode([PLAIN]))
        await server.ask("/decode", [PLAIN], authorization="Bearer wrong")
    used, refused = (record for record in caplog.records if record.name == "tieout.audit")
    told = vars(used)
    assert (told["caller"], told["outcome"]) == (server.token.split("_")[1], "done")
    assert (told["namespace"], told["payloads"]) == ("default", 1)
    assert vars(refused)["outcome"] == "refused"
    for record in (used, refused):
        assert "Northwind" not in str(vars(record))
        assert server.token not in str(vars(record))


async def test_a_caller_cannot_write_lines_of_its_own_into_the_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="tieout.audit"):
        forged = b"x 2026 admin decoded"
        headers = [(b"X-Namespace", forged), (b"Authorization", f"Bearer {server.token}".encode())]
        await server.http.post(
            "/decode", content=b"{}", headers=[*headers, (b"Content-Type", b"application/json")]
        )
    (record,) = (r for r in caplog.records if r.name == "tieout.audit")
    assert vars(record)["namespace"] == "[not shown]"


async def test_a_missing_key_is_named_and_nothing_else(server: Server) -> None:
    other = EncryptingCodec(KeyRing.generate("lost"))
    answer = await server.decode(await other.encode([PLAIN]))
    assert answer.status_code == 422
    assert "'lost', which is not in the key ring" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'"x"', b'{"payloads": 7}', b'{"payloads": [{"data": 7}]}',
        b"\xff\xfe", b"[" * 60000, b'{"payloads":' * 5000, b'{"payloads": [{"metadata": []}]}',
    ],
)  # fmt: skip
async def test_a_body_that_is_none_is_refused(server: Server, body: bytes) -> None:
    headers = _headers({"authorization": f"Bearer {server.token}"})
    answer = await server.http.post("/decode", content=body, headers=headers)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


async def test_a_body_too_large_or_of_another_type_is_refused(server: Server) -> None:
    headers = _headers({"authorization": f"Bearer {server.token}"})
    huge = await server.http.post("/decode", content=b" " * 70000, headers=headers)
    assert huge.status_code == 413
    headers["Content-Type"] = "text/plain"
    other = await server.http.post("/decode", content=b"{}", headers=headers)
    assert other.status_code == 415


@given(payloads=st.lists(st.tuples(st.binary(max_size=60), st.binary(max_size=200)), max_size=3))
async def test_no_payload_whatever_it_claims_makes_it_stumble(
    server: Server, payloads: list[tuple[bytes, bytes]]
) -> None:
    made = [Payload(metadata={"encoding": encoding}, data=data) for encoding, data in payloads]
    made += [Payload(metadata={"encoding": b"binary/encrypted"}, data=d) for _, d in payloads]
    assert (await server.decode(made)).status_code in (200, 422)


async def test_unknown_paths_and_methods_are_problems_with_security_headers(
    server: Server,
) -> None:
    for answer in (await server.http.get("/nothing"), await server.http.get("/decode")):
        assert answer.status_code in (404, 405)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


async def test_the_protobuf_json_is_what_the_web_ui_sends(server: Server) -> None:
    (encrypted,) = await CODEC.encode([PLAIN])
    body: dict[str, Any] = {
        "payloads": [
            {
                "metadata": {
                    name: base64.b64encode(value).decode()
                    for name, value in encrypted.metadata.items()
                },
                "data": base64.b64encode(encrypted.data).decode(),
            }
        ]
    }
    headers = _headers({"authorization": f"Bearer {server.token}"})
    answer = await server.http.post("/decode", content=json.dumps(body), headers=headers)
    (found,) = answer.json()["payloads"]
    assert base64.b64decode(found["data"]) == PLAIN.data
    assert base64.b64decode(found["metadata"]["encoding"]) == b"json/plain"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"host": "0.0.0.0", "path_token": PATH_TOKEN}, "loopback only"),
        ({"path_token": "short"}, "32 or more"),
        ({"ui_origins": ["*"]}, "ui_origins"),
        ({"ui_origins": ["http://ui.example/path"]}, "ui_origins"),
    ],
)
def test_settings_that_would_open_it_to_all_are_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        CodecSettings(**settings)
