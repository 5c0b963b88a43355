"""The demo ends as it promises; after it and a worse story nothing personal and no secret is found
where it does not belong."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payloads

from activities.expenses.links import Link, mark_of, sign
from activities.reconciling import TieOutInput
from documents.ledger import BookKind
from documents.naming import TIE_OUT, WORKFLOW_TASK_QUEUE, tie_out_id
from documents.tieout import Break, BreakAction, BreakType
from policies.tieout.settings import TieOutPolicy
from store.keyring import KeyRing
from store.seal import Seal
from tests.access.serving import served
from tests.e2e.demo import exported, open_demo
from tests.e2e.house import CONNECTION, TODAY, House
from tests.security import evidence
from tests.security.planted import forms, leaks
from workers.access.callers import Caller, Role
from workers.answers import Answers
from workers.codec import payload_codec
from workers.demo.people import Line
from workers.doors import DoorSettings
from workers.opening import open_store
from workers.tieout.report import load
from workers.tieout.signing import SigningDesk

PERSON = "Wilhelmina Featherstonehaugh-Größe"
PLANTED = {
    "name": PERSON,
    "e-mail": "wilhelmina.f@planted-mail.example",
    "street": "7 Planted Street",
    "account": "DE89370400440532013000",
    "note": "Hardware sale to Wilhelmina Featherstonehaugh",
    "reason": "unblocked after a call with Wilhelmina Featherstonehaugh",
    "who": "Adelheid Planted-Operator",
    "approver": "Gwendolyn Planted-Approver",
    "correction": "it is advice after all, says Wilhelmina Featherstonehaugh",
    "acceptance": "called Mr Featherstonehaugh at +1 902 555 0101",
    "comment": "agreed with Wilhelmina over lunch",
}
COLLEAGUE = "erin@team.example"
"""Who claims expenses stands in the settings of the connections, by name and address."""

STORY = (
    "Northwind Traders", "ap@northwind.example", "1 Harbour Road", "Söderberg & Söner",
    COLLEAGUE, "Harbour Taxi", "Hotel Anchor", "Course Ltd", "Paper & Co", "Fair Ltd",
)  # fmt: skip
"""Who appears in the demo's own stories."""


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
async def demo(traced: None) -> AsyncIterator[tuple[House, str]]:
    """The demo, once it told its stories: invoices, cash, edits, expenses and bills on NAV and AX,
    then the tie-outs."""
    async with open_demo() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(demo: tuple[House, str]) -> House:
    """The house of the demo, in which a worse story was played after its own."""
    house, printed = demo
    await _worse(house)
    await _corrected(house)
    await _approved_by_link(house, int(exported(printed, "EXPENSE")))
    await _signed(house)
    return house


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


async def _corrected(house: House) -> None:
    """Two people decide at the operator interface."""
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    why, values = PLANTED["correction"], {"account:4999": "4050"}
    await house.decide(invoice, name=PLANTED["who"], why=why, action="correct", values=values)
    name = PLANTED["approver"]
    await house.decide(invoice, name=name, role=Role.APPROVER, why=why, action="approve")
    await house.watch.wait(invoice, "posted")


async def _approved_by_link(house: House, expense: int) -> None:
    seal = _seal(house)
    view = await Answers(house.client, seal, CONNECTION).view(str(expense))
    assert view is not None
    assert view.approval.need is not None
    link = Link(
        connection=CONNECTION,
        source_id=str(expense),
        version=view.approval.need.version,
        who=mark_of(view.approval.need.approvers[0], seal),
        until=datetime.now(UTC) + timedelta(hours=1),
    )
    house.tokens.append(sign(link, seal))
    address = f"{house.ready.gateway}/approvals/{house.tokens[-1]}"
    answer = {"answer": "approve", "comment": PLANTED["comment"]}
    assert (await house.http.get(address)).status_code == 200
    assert (await house.http.post(address, data=answer)).status_code == 200


async def _signed(house: House) -> None:
    """A difference is accepted, and a month signed off, by two people."""
    month = (TODAY.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    await house.client.execute_workflow(
        TIE_OUT,
        TieOutInput(connection=CONNECTION, period=month),
        id=tie_out_id(CONNECTION, month),
        task_queue=WORKFLOW_TASK_QUEUE,
    )
    people = (
        Caller("p1", PLANTED["who"], Role.OPERATOR),
        Caller("p2", PLANTED["approver"], Role.APPROVER),
    )
    found = Break(
        connection=CONNECTION, period=month, type=BreakType.AMOUNT, kind=BookKind.INVOICE,
        match="invoice/1", difference=Decimal("0.01"), currency="USD",
    )  # fmt: skip
    async with open_store(house.settings) as store:
        desk = SigningDesk(store, _seal(house), datetime.now(UTC))
        for person in people:
            report = await load(store, CONNECTION, month, datetime.now(UTC))
            await desk.sign(report, person)
        await store.breaks.found(1, [found])
        policy = TieOutPolicy(write_off_limit=Decimal(1))
        (kept,) = await store.breaks.page(CONNECTION, month)
        accept, why = BreakAction.ACCEPT, PLANTED["acceptance"]
        await desk.propose(kept, accept, people[0], why, policy)
        (kept,) = await store.breaks.page(CONNECTION, month)
        await desk.approve(kept, people[1])


def _seal(house: House) -> Seal:
    return Seal(KeyRing.from_source(house.settings.keys.get_secret_value()))


async def _secrets(house: House) -> dict[str, str]:
    """Every secret of the house, by what it is and of which connection."""
    known = {f"token {n}": token for n, token in enumerate(house.tokens)}
    key = (house.state / "vault.key").read_text().strip().partition(":")[2]
    for name in house.ready.connections:
        known |= {f"{what} of {name}": v for what, v in (await _of(house, name)).items()}
    assert len(known) > 20
    return {**known, "vault key": key}


async def _of(house: House, connection: str) -> dict[str, str]:
    """The secrets of one connection."""
    target = f"{connection}/target-secret"
    async with open_store(house.settings) as store:
        tokens = await store.tokens(connection).load()
        active = await store.callbacks.active(connection)
        found = {
            "client secret": await store.credentials.get(connection, f"{connection}/client-secret"),
            "target secret": await store.credentials.get(connection, target),
        }
    assert tokens is not None
    assert active
    identity = json.loads((house.state / "dev.json").read_text())["connections"][connection]
    known = {name: value for name, value in found.items() if value}
    assert len(known) == 2
    return {
        **known,
        "access token": str(tokens["access_token"]),
        "refresh token": str(tokens["refresh_token"]),
        "first refresh token": identity["source"]["refresh_token"],
        "token of the tests": identity["source"]["access_token"],
        **{f"verifier of {each.callback_id}": each.verifier for each in active},
    }


async def _names(house: House) -> list[str]:
    return [*PLANTED.values(), *STORY, *(await _secrets(house)).values()]


@pytest.mark.timeout(300)
async def test_the_demo_ends_with_books_that_tie_on_every_connection(
    demo: tuple[House, str],
) -> None:
    _, printed = demo
    for connection in ("demo-nav", "demo-ax", "lane-2"):
        assert f"{connection}, both sides per currency: ties to the cent" in printed
        assert f"Tie-out of {connection} for" in printed
    held = "Held: the taxes PST 7 % of line 1 have no tax code in the mapping"
    mended = "a row for it is added to the mapping file"
    assert printed.count(held) == printed.count(mended) == 2, printed
    for connection in ("demo-nav", "demo-ax"):
        assert f"{connection}, 8 expenses: each ended as told" in printed
        assert f"{connection}, bills" in printed
    assert "signed off: prepared by Ada, who keeps the books" in printed


async def test_the_story_really_passes_through_temporal(told: House) -> None:
    """Otherwise the tests below would find nothing in nothing."""
    codec = payload_codec(told.settings)
    assert codec is not None
    clear = await evidence.decoded(codec, told)
    for name in ("note", "account", "reason", "who", "approver", "correction", "comment"):
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
    settings = {name: found.pop(name) for name in list(found) if name.startswith("connections/")}
    names = await _names(told)
    assert leaks(names, found) == []
    assert leaks({*names} - {COLLEAGUE}, settings) == []


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
