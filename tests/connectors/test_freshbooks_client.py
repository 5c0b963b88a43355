"""The client on the wire: envelopes, pages, filters, phases, and one repeat after a 401."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.errors import (
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.families import (
    CALLBACKS,
    CLIENTS,
    INVOICES,
    LEDGER_ACCOUNTS,
    PROJECTS,
    Account,
)
from connectors.transport import Transport

ACCOUNT = Account("6BApk", "1234567", "b5f6a1c2-0000-0000-0000-000000000001")
Handler = Callable[[httpx.Request], httpx.Response]


class Tokens:
    """Tokens t1, t2 and so on; the next one after each invalidation."""

    def __init__(self) -> None:
        self.number = 1

    async def token(self) -> str:
        return f"t{self.number}"

    def invalidate(self, access_token: str) -> None:
        if access_token == f"t{self.number}":
            self.number += 1


def client(handler: Handler, **options: Any) -> FreshBooksClient:
    transport = Transport(
        "freshbooks", "https://api.example.test", transport=httpx.MockTransport(handler)
    )
    return FreshBooksClient(transport, Tokens(), ACCOUNT, **options)


def answers(*bodies: Any, status: int = 200) -> tuple[Handler, list[httpx.Request]]:
    """A handler that gives these bodies one after another, and the requests it saw."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        body = bodies[min(len(seen), len(bodies)) - 1]
        if isinstance(body, httpx.Response):
            return body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(status, content=content)

    return handler, seen


def result(**inner: Any) -> dict[str, Any]:
    return {"response": {"result": inner}}


def page(rows: list[dict[str, Any]], number: int, pages: int, total: int) -> dict[str, Any]:
    return result(invoices=rows, page=number, pages=pages, per_page=2, total=total)


async def test_a_read_asks_for_sub_objects_and_unwraps_the_accounting_envelope() -> None:
    handler, seen = answers(result(invoice={"id": 7}))
    assert await client(handler).read(INVOICES, "7", include=("lines",)) == {"id": 7}
    (request,) = seen
    assert str(request.url) == (
        "https://api.example.test/accounting/account/6BApk/invoices/invoices/7?include%5B%5D=lines"
    )
    assert request.headers["Authorization"] == "Bearer t1"
    assert "Content-Type" not in request.headers
    assert "X-API-VERSION" not in request.headers


async def test_bare_numbers_are_read_exactly() -> None:
    handler, _ = answers(b'{"response": {"result": {"invoice": {"a": 0.1, "b": 7}}}}')
    assert await client(handler).read(INVOICES, "7") == {"a": Decimal("0.1"), "b": 7}


async def test_each_family_has_its_own_address_and_envelope() -> None:
    handler, seen = answers(
        {"project": {"id": 1}}, {"data": {"uuid": "u"}}, result(callback={"callbackid": 3})
    )
    fb = client(handler)
    assert await fb.read(PROJECTS, "1", include=("services",)) == {"id": 1}
    assert await fb.read(LEDGER_ACCOUNTS, "u") == {"uuid": "u"}
    assert await fb.read(CALLBACKS, "3") == {"callbackid": 3}
    assert [request.url.raw_path.decode() for request in seen] == [
        "/projects/business/1234567/project/1?services=true",
        f"/accounting/businesses/{ACCOUNT.business_uuid}/ledger_accounts/accounts/u",
        "/events/account/6BApk/events/callbacks/3",
    ]


async def test_the_api_version_is_sent_when_it_is_set() -> None:
    handler, seen = answers(result(invoice={}))
    await client(handler, api_version="2023-02-20").read(INVOICES, "7")
    assert seen[0].headers["X-API-VERSION"] == "2023-02-20"


async def test_an_id_cannot_leave_its_place_in_the_address() -> None:
    handler, seen = answers(result(invoice={}))
    await client(handler).read(INVOICES, "../clients?x=1")
    assert seen[0].url.raw_path.endswith(b"/invoices/invoices/..%2Fclients%3Fx%3D1")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>busy</html>",
        b"",
        b"null",
        b"[]",
        b'{"response": {}}',
        b'{"response": {"result": {}}}',
        b'{"response": {"result": {"invoice": 5}}}',
        b'{"response": {"result": {"invoice": {"amount": NaN}}}}',
        b"[" * 100_000,
    ],
)
async def test_a_success_that_is_not_understood_is_no_answer(body: bytes) -> None:
    handler, _ = answers(body)
    with pytest.raises(Unavailable):
        await client(handler).read(INVOICES, "7")
    with pytest.raises(OutcomeUnknown):
        await client(handler).update(INVOICES, "7", {"po_number": "1"})


async def test_an_error_inside_a_success_is_an_error() -> None:
    denied = {"response": {"errors": [{"errno": 1003, "message": "Denied.", "field": ""}]}}
    handler, _ = answers(denied)
    with pytest.raises(Misconfigured):
        await client(handler).read(INVOICES, "7")
    with pytest.raises(Misconfigured):
        [p async for p in client(handler).pages(INVOICES)]


async def test_an_unknown_or_unreadably_deleted_object_reads_as_none() -> None:
    def errors(errno: int) -> dict[str, Any]:
        return {"response": {"errors": [{"errno": errno, "object": "invoice"}]}}

    handler, _ = answers(errors(1012), status=404)
    assert await client(handler).read(INVOICES, "7") is None
    handler, _ = answers(errors(1011), status=200)
    assert await client(handler).read(INVOICES, "7") is None


async def test_an_unknown_account_is_no_missing_object() -> None:
    wrong = {"response": {"errors": [{"errno": 1012, "object": "account", "field": "accountid"}]}}
    handler, _ = answers(wrong, status=404)
    with pytest.raises(Misconfigured, match="account id"):
        await client(handler).read(INVOICES, "7")
    handler, _ = answers({"errno": 404, "message": "Not found."}, status=404)
    with pytest.raises(Misconfigured, match="account id"):
        [p async for p in client(handler).pages(CALLBACKS)]


async def test_a_write_to_an_unknown_object_is_rejected_and_a_delete_of_one_is_done() -> None:
    handler, _ = answers({"errno": 404, "message": "Not found."}, status=404)
    with pytest.raises(Rejected):
        await client(handler).update(CALLBACKS, "3", {"resend": True})
    await client(handler).delete(CALLBACKS, "3")


async def test_a_delete_may_answer_nothing() -> None:
    handler, seen = answers(httpx.Response(204))
    await client(handler).delete(CALLBACKS, "3")
    assert seen[0].method == "DELETE"


async def test_a_write_is_wrapped_in_its_singular_name() -> None:
    handler, seen = answers(result(client={"id": 1}))
    assert await client(handler).create(CLIENTS, {"organization": "Zoë & Co"}) == {"id": 1}
    assert json.loads(seen[0].content) == {"client": {"organization": "Zoë & Co"}}
    assert seen[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "fields",
    [
        {"vis_state": 0, "po_number": "1"},
        {"action_mark_as_sent": True, "po_number": "1"},
        {"vis_state": 1, "action_email": True},
    ],
)
async def test_fields_of_two_phases_in_one_put_are_refused_before_sending(
    fields: dict[str, Any],
) -> None:
    handler, seen = answers(result(invoice={}))
    with pytest.raises(ValueError, match="only one of these phases"):
        await client(handler).update(INVOICES, "7", fields)
    assert seen == []


UNAUTHENTICATED = {"error": "unauthenticated", "error_description": "expired"}


async def test_after_a_401_the_call_is_repeated_once_with_another_token() -> None:
    handler, seen = answers(httpx.Response(401, json=UNAUTHENTICATED), result(invoice={"id": 7}))
    assert await client(handler).read(INVOICES, "7") == {"id": 7}
    assert [request.headers["Authorization"] for request in seen] == ["Bearer t1", "Bearer t2"]


async def test_a_second_401_is_final_and_says_what_to_do() -> None:
    handler, seen = answers(UNAUTHENTICATED, status=401)
    with pytest.raises(Unauthorized, match="tieout connect freshbooks"):
        await client(handler).update(INVOICES, "7", {"po_number": "1"})
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, Throttled), (500, Unavailable), (503, Unavailable), (403, Misconfigured)],
)
async def test_nothing_else_is_ever_repeated(status: int, error: type[Exception]) -> None:
    handler, seen = answers({}, status=status)
    with pytest.raises(error):
        await client(handler).read(INVOICES, "7")
    assert len(seen) == 1


async def test_a_reference_that_did_not_stick_is_not_reported_as_written() -> None:
    # A PUT whose fields FreshBooks drops answers like one that it carried out.
    handler, seen = answers(result(invoice={"id": 7, "po_number": None, "vis_state": 0}))
    assert await FreshBooksSource(client(handler)).write_reference("7", "PSI-1") is False
    assert [request.method for request in seen] == ["GET", "PUT", "GET"]
