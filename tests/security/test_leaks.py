"""After a whole story nothing personal and no secret is found where it does not belong."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payloads

from tests.access.serving import served
from tests.e2e.house import CONNECTION, TODAY, House, open_house
from tests.security import evidence
from tests.security.planted import forms, leaks
from workers.codec import payload_codec
from workers.demo.people import Line
from workers.demo.story import Story
from workers.doors import DoorSettings
from workers.opening import open_store

PERSON = "Wilhelmina Featherstonehaugh-Größe"
PLANTED = {
    "name": PERSON,
    "e-mail": "wilhelmina.f@planted-mail.example",
    "street": "7 Planted Street",
    "account": "DE89370400440532013000",
    "note": "Hardware sale to Wilhelmina Featherstonehaugh",
    "reason": "unblocked after a call with Wilhelmina Featherstonehaugh",
    "who": "Adelheid Planted-Operator",
}
STORY = ("Northwind Traders", "ap@northwind.example", "1 Harbour Road", "Söderberg & Söner")
"""Who appears in the demo's own story."""


@dataclass
class Sink:
    """Takes the traces that leave the processes."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        return Response(b"", media_type="application/x-protobuf")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    app = Starlette(routes=[Route("/v1/traces", sink.take, methods=["POST"])])
    async with served(app, DoorSettings(port=0, max_body=16 * 1024 * 1024)) as sink.url:
        yield sink


@pytest.fixture(scope="module")
def traced(sink: Sink) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_TELEMETRY__OTLP_ENDPOINT", sink.url)
        patch.setenv("TIEOUT_LOG__LEVEL", "debug")
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(traced: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house of our own in which the demo's story and a worse one were played."""
    async with open_house(tmp_path_factory.mktemp("leaks")) as house:
        await _demo(house)
        await _worse(house)
        yield house


async def _demo(house: House) -> None:
    await Story(house.clerk, house.watch.wait, lambda _: None, TODAY).play()


async def _worse(house: House) -> None:
    """Refused by the target, held, decided by a person, with bad weather on both sides."""
    client = await house.clerk.add_client(
        PERSON, PLANTED["e-mail"], p_street=PLANTED["street"], p_city="Halifax",
        p_country="Canada", currency_code="USD",
    )  # fmt: skip
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer(PERSON, "All")
    blocked = await house.sent_invoice(client=client)
    await house.watch.wait(blocked, "held")
    await house.block_customer(PERSON, " ")
    await house.resolve(blocked, action="retry", who=PLANTED["who"], why=PLANTED["reason"])
    await house.watch.wait(blocked, "posted")
    for fault in ("malformed", "reset_after"):
        await house.fault(system="nav", method="POST", path=".*", fault=fault, times=1)
    await house.fault(
        system="freshbooks", method="GET", path=".*invoices.*", fault="status", status=500, times=2
    )
    lines = [Line(PLANTED["note"], "1", "10.00"), Line(PLANTED["account"], "1", "10.00")]
    await house.watch.wait(await house.sent_invoice(lines, client=client), "held")
    await house.no_faults()


async def _secrets(house: House) -> dict[str, str]:
    """Every secret of the house, by what it is."""
    target = f"{CONNECTION}/target-secret"
    async with open_store(house.settings) as store:
        tokens = await store.tokens(CONNECTION).load()
        active = await store.callbacks.active(CONNECTION)
        found = {
            "client secret": await store.credentials.get(CONNECTION, f"{CONNECTION}/client-secret"),
            "target secret": await store.credentials.get(CONNECTION, target),
        }
    assert tokens is not None
    assert active
    identity = json.loads((house.state / "dev.json").read_text())["connections"][CONNECTION]
    known = {name: value for name, value in found.items() if value}
    assert len(known) == 2
    return {
        **known,
        "access token": str(tokens["access_token"]),
        "refresh token": str(tokens["refresh_token"]),
        "first refresh token": identity["source"]["refresh_token"],
        "token of the tests": identity["source"]["access_token"],
        "verifier": active[0].verifier,
        "vault key": (house.state / "vault.key").read_text().strip().partition(":")[2],
    }


async def _names(house: House) -> list[str]:
    return [*PLANTED.values(), *STORY, *(await _secrets(house)).values()]


async def test_the_story_really_passes_through_temporal(told: House) -> None:
    """Otherwise the tests below would find nothing in nothing."""
    codec = payload_codec(told.settings)
    assert codec is not None
    clear = await evidence.decoded(codec, told)
    for name in ("note", "account", "reason", "who"):
        assert any(form in clear for form in forms(PLANTED[name])), name
    journal = json.dumps(await told.journal(), ensure_ascii=False)
    assert PERSON in journal or PLANTED["name"] in str(await told.journal("freshbooks"))


async def test_the_histories_and_all_they_show_hold_nothing(told: House) -> None:
    found = await evidence.of_temporal(told)
    assert len(found) > 20
    assert leaks(await _names(told), found) == []


async def test_failure_types_are_codes_and_all_else_of_a_failure_is_encoded(told: House) -> None:
    failures = await evidence.failures(told)
    assert failures
    for failure in failures:
        assert failure.message == "Encoded failure"
        assert not failure.stack_trace
        assert re.fullmatch(r"[A-Za-z][A-Za-z -]{0,60}", failure.application_failure_info.type)


async def test_search_attributes_hold_numbers_and_codes_only(told: House) -> None:
    values = await evidence.search_attributes(told)
    assert any(name == "TieoutHoldCause" for name, _ in values)
    for name, value in values:
        # Those of the server's own are times, ids of schedules and build ids.
        assert name.startswith(("Tieout", "Temporal")) or name == "BuildIds", name
        assert re.fullmatch(r"[\w. /:+-]{0,80}", value), name


async def test_the_databases_the_logs_and_the_settings_hold_nothing(told: House) -> None:
    found = evidence.of_files(told)
    for name in ("tieout.sqlite", "temporal.sqlite", "logs/worker.log", "logs/gateway.log"):
        assert found[name], name
    assert leaks(await _names(told), found) == []


async def test_the_web_ui_reads_payloads_at_our_codec_server_without_signing_in(
    told: House,
) -> None:
    shown = (await told.http.get(f"{told.ready.temporal_ui}/api/v1/settings")).json()
    assert shown["Codec"]["Endpoint"] == told.ready.codec
    encrypted = await evidence.some_payload(told)
    body = json_format.MessageToJson(Payloads(payloads=[encrypted]))
    headers = {"Content-Type": "application/json", "X-Namespace": told.ready.namespace}
    for origin in (
        told.ready.temporal_ui,
        told.ready.temporal_ui.replace("127.0.0.1", "localhost"),
    ):
        answer = await told.http.post(
            f"{shown['Codec']['Endpoint']}/decode",
            content=body,
            headers={**headers, "Origin": origin},
        )
        assert answer.headers["access-control-allow-origin"] == origin
        (decoded,) = json_format.Parse(answer.content, Payloads()).payloads
        assert decoded.metadata["encoding"] == b"json/plain"
        assert json.loads(decoded.data)["connection"] == CONNECTION


async def test_the_metrics_pages_hold_nothing(told: House) -> None:
    found = await evidence.of_metrics(told)
    assert b"tieout" in found["worker_metrics"] + found["gateway_metrics"]
    assert leaks(await _names(told), found) == []


async def test_the_traces_hold_nothing(told: House, sink: Sink) -> None:
    async with asyncio.timeout(30):
        while not sink.bodies:  # noqa: ASYNC110 - other processes send them
            await asyncio.sleep(0.2)
    await asyncio.sleep(6)  # The last batch is sent five seconds after its first span.
    assert leaks(await _names(told), {"traces": b"\n".join(sink.bodies)}) == []


async def test_no_command_line_shows_a_secret(told: House) -> None:
    found = evidence.of_processes()
    assert any(b"tieout" in line for line in found.values())
    assert leaks((await _secrets(told)).values(), found) == []


@pytest.mark.parametrize("written", [
    b'{"name": "Wilhelmina Featherstonehaugh-Gr\\u00f6\\u00dfe"}',
    PERSON.encode("utf-16-le"),
    PERSON.encode("latin-1"),
    b"V2lsaGVsbWluYSBGZWF0aGVyc3RvbmVoYXVnaC1HcsO2w59l",
])  # fmt: skip
def test_the_search_finds_what_is_written_in_other_ways(written: bytes) -> None:
    assert leaks([PERSON], {"there": b"before " + written + b" after"}) == [f"{PERSON!r} in there"]
