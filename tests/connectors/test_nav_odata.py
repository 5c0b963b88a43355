"""The OData client against scripted servers: addresses, tags, paging, lost and garbled replies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr

from connectors.errors import (
    Conflict,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.nav.odata import ODataClient
from connectors.nav.settings import NavSettings
from connectors.nav.values import Json
from connectors.transport import Transport

Answers = Callable[[httpx.Request], httpx.Response]
_ROOT = "http://nav.test/Dynamics%20NAV/ODataV4/Company('O''Neill%20%26%20Sons')/"
_SETTINGS = NavSettings(
    base_url="http://nav.test",
    instance="Dynamics NAV",
    company="O'Neill & Sons",
    username="tieout",
    secret=SecretStr("access-key"),
    settle_seconds=9,
)


class _Server:
    """A scripted server that remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _client(server: _Server, settings: NavSettings = _SETTINGS) -> ODataClient:
    transport = Transport("nav", settings.base_url, transport=httpx.MockTransport(server))
    return ODataClient(transport, settings, httpx.BasicAuth("tieout", "access-key"))


def _record(**fields: object) -> httpx.Response:
    return httpx.Response(200, json={"@odata.etag": 'W/"JzE5OzEyJw=="', **fields})


def _error(status: int, code: str, text: str = "") -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": text}})


async def test_the_company_is_quoted_and_escaped_in_the_address() -> None:
    server = _Server(_record(No="C1"))
    await _client(server).read("Customer('C1')", operation="read")
    assert str(server.requests[0].url) == _ROOT + "Customer('C1')"
    assert server.requests[0].headers["Authorization"] == "Basic dGllb3V0OmFjY2Vzcy1rZXk="


async def test_a_tenant_goes_with_every_request() -> None:
    server = _Server(_record(No="C1"))
    settings = _SETTINGS.model_copy(update={"tenant": "t1"})
    await _client(server, settings).read("Customer('C1')", operation="read")
    assert server.requests[0].url.query == b"tenant=t1"


async def test_a_filter_keeps_its_dollar_and_has_no_plus() -> None:
    server = _Server(httpx.Response(200, json={"value": []}))
    await _client(server).find_equal("Customer", operation="find", Name="A & B's")
    assert server.requests[0].url.query == b"$filter=Name%20eq%20%27A%20%26%20B%27%27s%27"


async def test_numbers_of_a_reply_are_exact() -> None:
    body = b'{"@odata.etag": "x", "Amount": 1234567890123456.78, "Entry_No": 12}'
    server = _Server(httpx.Response(200, content=body))
    entity = await _client(server).read("X(12)", operation="read")
    assert entity.number("Amount") == Decimal("1234567890123456.78")
    assert entity.number("Entry_No") == 12


async def test_amounts_are_sent_digit_for_digit() -> None:
    server = _Server(_record())
    body: dict[str, Json] = {"Quantity": Decimal("0.10"), "Description": "Ärger"}
    await _client(server).create("Lines", body, operation="create")
    assert server.requests[0].content == '{"Quantity":0.10,"Description":"Ärger"}'.encode()


async def test_a_tag_is_sent_back_byte_for_byte() -> None:
    etag = "W/\"'19;12063042219771470681;00;'%20+/=\""
    server = _Server(
        httpx.Response(200, json={"@odata.etag": etag, "No": "1"}), _record(No="1"), _record()
    )
    client = _client(server)
    entity = await client.read("X('1')", operation="read")
    await client.update("X('1')", entity.etag, {"Name": "n"}, operation="update")
    assert server.requests[1].headers["If-Match"] == etag


async def test_pages_are_followed_by_their_next_link_as_given() -> None:
    link = _ROOT + "Customer?$skiptoken='C%2B1'&aid=x"
    server = _Server(
        httpx.Response(200, json={"value": [{"No": "1"}], "@odata.nextLink": link}),
        httpx.Response(200, json={"value": [{"No": "2"}]}),
    )
    settings = _SETTINGS.model_copy(update={"page_size": 1})
    found = await _client(server, settings).find("Customer", operation="list")
    assert [entity.text("No") for entity in found] == ["1", "2"]
    assert str(server.requests[1].url) == link
    assert [r.headers["Prefer"] for r in server.requests] == ["odata.maxpagesize=1"] * 2


async def test_no_page_is_so_long_that_its_reply_is_refused() -> None:
    """NAV's own default is 20,000 entries, more than MAX_RESPONSE_BYTES in a customer ledger."""
    server = _Server(httpx.Response(200, json={"value": []}))
    await _client(server).find("CustomerLedgerEntries", operation="list")
    assert server.requests[0].headers["Prefer"] == "odata.maxpagesize=2000"


async def test_a_next_link_to_another_host_is_not_followed() -> None:
    link = "http://elsewhere.test/Customer?$skiptoken=1"
    server = _Server(httpx.Response(200, json={"value": [], "@odata.nextLink": link}))
    with pytest.raises(Misconfigured, match=r"elsewhere\.test"):
        await _client(server).find("Customer", operation="list")
    assert len(server.requests) == 1


async def test_a_search_is_compared_again_so_that_no_wildcard_widens_it() -> None:
    rows = [{"Name": "A*"}, {"Name": "Anybody"}, {"Name": "a*"}]
    server = _Server(httpx.Response(200, json={"value": rows}))
    found = await _client(server).find_equal("Customer", operation="find", Name="A*")
    assert [entity.text("Name") for entity in found] == ["A*", "a*"]


async def test_a_change_answered_without_content_is_read_back() -> None:
    server = _Server(httpx.Response(204), _record(No="1", Name="n"))
    changed = await _client(server).update("X('1')", "tag", {"Name": "n"}, operation="update")
    assert changed.text("Name") == "n"


async def test_a_record_created_without_an_answer_must_be_looked_up() -> None:
    with pytest.raises(OutcomeUnknown):
        await _client(_Server(httpx.Response(204))).create("X", {}, operation="create")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"value": 1}', b'{"value": [1]}'])
async def test_a_garbled_reply_to_a_listing_is_unavailable(body: bytes) -> None:
    server = _Server(httpx.Response(200, content=body))
    with pytest.raises(Unavailable):
        await _client(server).find("X", operation="list")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"No": "1"'])
async def test_a_garbled_reply_to_a_write_is_unknown(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown) as raised:
        await _client(_Server(httpx.Response(201, content=body))).create("X", {}, operation="c")
    assert raised.value.settle == 9


async def test_a_lost_reply_to_a_write_says_how_long_it_may_still_be_carried_out() -> None:
    with pytest.raises(OutcomeUnknown) as raised:
        await _client(_Server(httpx.ReadError("reset"))).create("X", {}, operation="create")
    assert raised.value.settle == 9


@pytest.mark.parametrize("failure", [httpx.ReadError("x"), httpx.ConnectError("x")])
async def test_a_lost_read_is_unavailable(failure: Exception) -> None:
    with pytest.raises(Unavailable):
        await _client(_Server(failure)).find("X", operation="list")


async def test_a_write_that_never_left_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await _client(_Server(httpx.ConnectError("x"))).create("X", {}, operation="create")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_error(409, "Request_EntityChanged"), Conflict),
        (_error(412, "Request_EntityChanged"), Conflict),
        (_error(400, "BadRequest_InvalidToken"), Conflict),
        (_error(401, ""), Unauthorized),
        (_error(404, "BadRequest_ResourceNotFound"), Misconfigured),
        (_error(400, "Internal_CompanyNotFound"), Misconfigured),
        (_error(400, "Application_DialogException", "no"), Rejected),
        (httpx.Response(429, headers={"Retry-After": "7"}), Throttled),
        (httpx.Response(503), Unavailable),
        (httpx.Response(500, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(302, headers={"Location": "http://x.test"}), Misconfigured),
    ],
)
async def test_an_error_is_classified_by_code_then_status(
    answer: httpx.Response, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await _client(_Server(answer)).update("X('1')", "tag", {}, operation="update")


async def test_an_old_server_that_wraps_its_text_is_understood() -> None:
    body = {
        "error": {"code": "", "message": {"lang": "en-US", "value": "There is nothing to post."}}
    }
    with pytest.raises(Rejected) as raised:
        await _client(_Server(httpx.Response(400, json=body))).create("X", {}, operation="create")
    assert raised.value.hold.cause == "nothing-to-post"


@pytest.mark.parametrize(("field", "value"), [("Amount", "much"), ("Posting_Date", "soon")])
async def test_a_field_of_the_wrong_kind_is_unavailable(field: str, value: str) -> None:
    entity = await _client(_Server(_record(**{field: value}))).read("X('1')", operation="read")
    with pytest.raises(Unavailable, match=field):
        entity.number(field) if field == "Amount" else entity.day(field)


async def test_no_error_text_holds_the_access_key() -> None:
    with pytest.raises(Unauthorized) as raised:
        await _client(_Server(_error(401, "Authentication_InvalidCredentials"))).find(
            "X", operation="list"
        )
    assert "access-key" not in str(raised.value)
    assert "access-key" not in repr(_SETTINGS)
