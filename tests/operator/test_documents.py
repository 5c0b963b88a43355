"""What the operator interface tells of documents, and what it refuses to take."""

from __future__ import annotations

from typing import Any

import pytest

from documents.hold import Hold, HoldClass
from documents.key import Kind
from documents.money import Money
from documents.row import DocumentRow, DocumentState
from tests.operator.conftest import CONNECTION, Office
from workers.access.callers import Role

RESOLVE = "/operator/documents/invoice/1000001/resolve"
BODY = {"connection": CONNECTION, "action": "retry", "why": "unblocked"}


def _hold(cause: str = "account-unknown") -> Hold:
    return Hold(
        cause=cause,
        hold_class=HoldClass.SETUP,
        reason="account 4999 is not in the chart",
        remedy="map it",
        values={"account": "4999"},
    )


async def _held(office: Office, source_id: str, cause: str = "account-unknown") -> None:
    row = DocumentRow(
        connection=CONNECTION,
        kind=Kind.INVOICE,
        source_id=source_id,
        source_number=f"INV-{source_id}",
        amount=Money.of("113.00", "USD"),
        state=DocumentState.HELD,
        hold=_hold(cause),
    )
    await office.store.documents.save(row)


async def test_a_hold_says_why_with_the_values_and_what_to_do(office: Office) -> None:
    await _held(office, "1")
    answer = await office.ask("GET", "/operator/holds")
    (hold,) = answer.json()["holds"]
    assert (hold["kind"], hold["id"], hold["number"]) == ("invoice", "1", "INV-1")
    assert (hold["amount"], hold["currency"]) == ("113.00", "USD")
    assert (hold["hold_cause"], hold["hold_class"]) == ("account-unknown", "set-up")
    assert (hold["hold_values"], hold["hold_remedy"]) == ({"account": "4999"}, "map it")
    assert hold["held_since"].endswith("Z")


async def test_holds_come_in_pages_and_can_be_chosen(office: Office) -> None:
    for n in range(5):
        await _held(office, str(n), "one" if n % 2 else "other")
    seen, after = [], ""
    while True:
        query = {"limit": "2", **({"after": after} if after else {})}
        page = (await office.ask("GET", "/operator/holds", params=query)).json()
        seen += [hold["id"] for hold in page["holds"]]
        after = page["next"]
        if not after:
            break
    assert seen == ["0", "1", "2", "3", "4"]
    chosen = await office.ask("GET", "/operator/holds", params={"cause": "one"})
    assert [hold["id"] for hold in chosen.json()["holds"]] == ["1", "3"]


async def test_a_document_is_found_by_its_number(office: Office) -> None:
    await _held(office, "7")
    answer = await office.ask("GET", "/operator/documents/INV-7")
    (found,) = answer.json()["documents"]
    assert found["document"]["id"] == "7"
    assert found["process"] is None
    assert (await office.ask("GET", "/operator/documents/INV-8")).status_code == 404


async def test_a_decision_about_what_has_no_open_process_is_refused(office: Office) -> None:
    await _held(office, "1000001")
    answer = await office.ask("POST", RESOLVE, Role.OPERATOR, json=BODY)
    assert answer.status_code == 409
    assert "not open" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/operator/documents/invoice/9/resolve",
        "/operator/documents/nothing/1/resolve",
        "/operator/documents/payment/1/resolve",
        "/operator/documents/invoice/..%2F..%2Fx/resolve",
        "/operator/documents/invoice/%00/resolve",
    ],
)
async def test_a_decision_about_no_document_is_refused(office: Office, path: str) -> None:
    assert (await office.ask("POST", path, Role.OPERATOR, json=BODY)).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "delete"}, "action"),
        ({"why": ""}, "why"),
        ({"why": "   "}, "why"),
        ({"why": "ok\r\nBcc: all@example.com"}, "why"),
        ({"why": "\u202egnp.exe"}, "why"),
        ({"why": "x" * 501}, "why"),
        ({"who": "somebody else"}, "who"),
        ({"approved_by": "somebody else"}, "approved_by"),
        ({"connection": "../other"}, "connection"),
        ({"number": "1; DROP"}, "number"),
        ({"values": {"a": "\x00"}}, "values"),
        ({"version": -1}, "version"),
    ],
)
async def test_a_decision_that_is_none_is_refused_by_field(
    office: Office, change: dict[str, Any], field: str
) -> None:
    await _held(office, "1000001")
    answer = await office.ask("POST", RESOLVE, Role.OPERATOR, json={**BODY, **change})
    assert answer.status_code == 422
    assert any(each.startswith(field) for each in answer.json()["fields"]), answer.text
    for value in change.values():
        if isinstance(value, str) and len(value.strip()) > 5:
            assert value not in answer.text


@pytest.mark.parametrize("after", ["x", "WzFd", "W10=", "bnVsbA==", "eyJhIjogMX0="])
async def test_a_page_that_nobody_gave_is_refused(office: Office, after: str) -> None:
    answer = await office.ask("GET", "/operator/holds", params={"after": after})
    assert answer.status_code == 400


async def test_the_same_key_twice_must_be_plain(office: Office) -> None:
    await _held(office, "1000001")
    headers = {"Idempotency-Key": "a b/c"}
    answer = await office.ask("POST", RESOLVE, Role.OPERATOR, json=BODY, headers=headers)
    assert answer.status_code == 400
