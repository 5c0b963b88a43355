"""Tie-outs over the operator interface: what a period came to, and what people decide about it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from documents.key import Kind
from documents.ledger import BookKind
from documents.naming import put_right_id
from documents.tieout import Break, BreakAction, BreakType, TieOutSummary
from tests.operator.conftest import CONNECTION, Office
from workers.access.callers import Role
from workers.operator.tie_out_models import BreakDecision

_PERIOD = "2026-10"
_PLACE = f"/operator/tie-outs/{_PERIOD}"
_NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OPERATOR, APPROVER = Role.OPERATOR, Role.APPROVER


def _break(kind: BreakType = BreakType.AMOUNT, **changes: Any) -> Break:
    fields = {
        "connection": CONNECTION, "period": _PERIOD, "type": kind, "kind": BookKind.INVOICE,
        "match": "invoice/7", "number": "INV-7", "target_number": "103007", "party": "C1",
        "currency": "USD", "amount": "113.00", "difference": "0.50", "cause": "other-amount",
    }  # fmt: skip
    return Break.model_validate({**fields, **changes})


async def _finished(office: Office, *breaks: Break, **changes: Any) -> int:
    run = (await office.store.runs.begin(CONNECTION, _PERIOD, f"{datetime.now(UTC)}")).run
    await office.store.breaks.found(run, breaks)
    figures = {"connection": CONNECTION, "period": _PERIOD, "run": run, **changes}
    summary = TieOutSummary.model_validate({**figures, "started_at": _NOW, "finished_at": _NOW})
    await office.store.runs.finish(summary)
    return run


async def _post(
    office: Office, path: str, name: str, role: Role = OPERATOR, **body: Any
) -> httpx.Response:
    """As somebody whose token is made now: `name` is theirs alone."""
    headers = {"Authorization": f"Bearer {await office.token(role, name)}"}
    sent = {"connection": CONNECTION, **body}
    return await office.http.post(f"{_PLACE}/{path}", json=sent, headers=headers)


async def _shown(office: Office, path: str = "", **query: Any) -> Any:
    answer = await office.ask("GET", _PLACE + path, params={"connection": CONNECTION, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_difference_stays_once_two_people_said_so(office: Office) -> None:
    run = await _finished(office, _break(), _break(match="invoice/8", number="INV-8"))
    shown = await _shown(office)
    assert (shown["run"], shown["is_tied"], shown["breaks"]) == (run, False, {"open": 2})
    page = await _shown(office, "/breaks", limit=1)
    (first,) = page["breaks"]
    assert (first["number"], first["difference"], first["action"]) == ("INV-7", "0.50", "")
    (second,) = (await _shown(office, "/breaks", after=page["next"]))["breaks"]
    assert second["number"] == "INV-8"
    about = {"break_id": first["id"], "action": "accept", "why": "rounding of the bank"}
    proposed = await _post(office, "decide", "Ada", **about)
    assert (proposed.status_code, proposed.json()["state"]) == (200, "proposed"), proposed.text
    approved = await _post(
        office, "decide", "Ben", APPROVER, break_id=first["id"], action="approve"
    )
    assert approved.json()["how"] == "proposed by Ada: rounding of the bank; approved by Ben"
    assert (await _shown(office))["breaks"] == {"accepted": 1, "open": 1}
    entries = await office.store.audit.of_document(CONNECTION, Kind.INVOICE, "7")
    assert [entry.who for entry in entries] == ["Ada", "Ben"]


async def test_who_proposed_does_not_approve_whatever_their_role(office: Office) -> None:
    await _finished(office, _break())
    (found,) = (await _shown(office, "/breaks"))["breaks"]
    place, token = {"break_id": found["id"]}, await office.token(APPROVER, "Ada")
    headers = {"Authorization": f"Bearer {token}"}
    body = {"connection": CONNECTION, **place, "action": "accept", "why": "a cent"}
    assert (await office.http.post(f"{_PLACE}/decide", json=body, headers=headers)).is_success
    body = {"connection": CONNECTION, **place, "action": "approve"}
    alone = await office.http.post(f"{_PLACE}/decide", json=body, headers=headers)
    assert (alone.status_code, "somebody else has to approve" in alone.text) == (409, True)
    meek = await _post(office, "decide", "Cas", **place, action="approve")
    assert (meek.status_code, "approver" in meek.text) == (403, True)
    watches = await _post(office, "decide", "Vic", Role.VIEWER, **place, action="approve")
    assert (watches.status_code, "operator" in watches.text) == (403, True)
    other = await _post(office, "decide", "Dan", **place, action="reverse", why="twice")
    assert (other.status_code, "Ada proposed to accept it" in other.text) == (409, True)
    assert (await _shown(office))["breaks"] == {"proposed": 1}


async def test_what_two_people_let_reverse_is_taken_back(
    office: Office, temporal_env: WorkflowEnvironment
) -> None:
    kind = BreakType.DUPLICATE_IN_TARGET
    await _finished(office, _break(kind, entry="E2", match="invoice/77", difference=Decimal(113)))
    (found,) = (await _shown(office, "/breaks", state="open"))["breaks"]
    about = {"break_id": found["id"]}
    await _post(office, "decide", "Ada", **about, action="reverse", why="entered twice")
    approved = await _post(office, "decide", "Ben", APPROVER, **about, action="approve")
    assert approved.json()["state"] == "approved", approved.text
    # Whoever got no answer asks again: nothing is approved twice.
    again = await _post(office, "decide", "Eva", APPROVER, **about, action="approve")
    assert (again.status_code, again.json()) == (200, approved.json())
    journal = await office.store.audit.of_document(CONNECTION, Kind.INVOICE, "77")
    assert [entry.who for entry in journal] == ["Ada", "Ben"]
    process = temporal_env.client.get_workflow_handle(put_right_id(CONNECTION, "invoice/77"))
    assert (await process.describe()).workflow_type == "PutRight"
    await process.terminate()


async def test_a_period_is_signed_off_by_two_people_over_the_figures_that_they_saw(
    office: Office,
) -> None:
    older = await _finished(office, source_read=1)
    run = await _finished(office)
    late = await _post(office, "sign-off", "Zoe", run=older)
    assert (late.status_code, f"run: {older} is not the newest" in late.text) == (409, True)
    prepared = await _post(office, "sign-off", "Ada", run=run)
    assert (prepared.json()["state"], prepared.json()["preparer"]) == ("prepared", "Ada")
    meek = await _post(office, "sign-off", "Cas", run=run)
    assert (meek.status_code, "needs the role approver" in meek.text) == (409, True)
    signed = await _post(office, "sign-off", "Ben", APPROVER, run=run)
    assert (signed.json()["state"], signed.json()["approver"]) == ("signed off", "Ben")
    assert (await _shown(office))["sign_off"] == signed.json()
    again = await _post(office, "sign-off", "Eva", APPROVER, run=run)
    assert (again.status_code, "signed off already" in again.text) == (409, True)


async def test_a_period_that_does_not_tie_is_not_signed_off(office: Office) -> None:
    run = await _finished(office, _break())
    refused = await _post(office, "sign-off", "Ada", run=run)
    assert (refused.status_code, "1 break open" in refused.text) == (409, True), refused.text


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("2026-13/decide", {}, 422, "period: '2026-13' is no month"),
        ("2026-10/decide", {"connection": "nowhere"}, 404, "connection: there is no 'nowhere'"),
        ("2026-10/decide", {"break_id": "x"}, 404, "break_id: there is no break 'x' in 2026-10"),
        ("2026-10/decide", {"action": "burn"}, 422, "action: "),
        ("2026-10/decide", {"why": ""}, 422, "why: is required to accept"),
        ("2026-10/decide", {"who": "Ben"}, 422, "who: "),
        ("2026-10/sign-off", {"run": 0}, 422, "run: "),
        ("2026-09/sign-off", {"run": 1}, 409, "was not tied out for 2026-09"),
        ("2026-10/sign-off", {"run": 9_999}, 409, "run: 9999 is not the newest, that is 1"),
    ],
)
async def test_a_bad_request_is_refused_with_the_field_and_what_is_wrong(
    office: Office, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    await _finished(office, _break())
    whole = {"break_id": "amount:invoice/7", "action": "accept", "why": "a cent"}
    sent = {"connection": CONNECTION, **(whole if "decide" in path else {}), **body}
    refused = await office.ask("POST", f"/operator/tie-outs/{path}", APPROVER, json=sent)
    assert (refused.status_code, said in refused.text) == (status, True), refused.text
    unknown = await office.ask("GET", "/operator/tie-outs/2026-09?connection=demo")
    assert (unknown.status_code, "not tied out for 2026-09" in unknown.text) == (404, True)


def test_whatever_two_people_may_decide_can_be_proposed_here() -> None:
    assert {each.value for each in BreakDecision} == {
        *(each.value for each in BreakAction),
        "approve",
    }
