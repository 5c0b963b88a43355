"""Approving an expense over the operator interface, as whoever is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.expenses.house import Claim, claim_of
from tests.operator.conftest import CLAIMS, Office, OpenOffice
from tests.policies.expense_model import ERIN, NOOR, World, expense, policy
from workers.access.callers import Role

_PATH = "/operator/expenses/5000001"
_PLACE = {"connection": CLAIMS}


@pytest.fixture
async def office(open_office: OpenOffice) -> Office:
    return await open_office()


@pytest.fixture
async def claim(temporal_env: WorkflowEnvironment) -> AsyncIterator[Claim]:
    world = World(policy(), expense(document_date=datetime.now(UTC).date()))
    async with claim_of(temporal_env.client, world, CLAIMS) as started:
        await started.until(lambda: started.desk.asked)
        yield started


async def _answer(office: Office, who: str, answer: str, role: Role, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {await office.token(role, who)}"}
    sent = {**_PLACE, **body}
    return await office.http.post(f"{_PATH}/{answer}", json=sent, headers=headers)


async def _version(office: Office) -> str:
    shown = await office.ask("GET", _PATH, params=_PLACE)
    assert shown.status_code == 200
    assert (shown.json()["approvers"], shown.json()["claimant"]) == ([NOOR], ERIN)
    return str(shown.json()["version"])


async def test_who_may_not_answer_is_refused_with_the_reason_and_who_may_is_heard(
    office: Office, claim: Claim
) -> None:
    version = await _version(office)
    for who, answer, role, body, status, reason in (
        ("Vic", "approve", Role.OPERATOR, {"version": version}, 403, "approver"),
        (ERIN, "approve", Role.APPROVER, {"version": version}, 409, "claimed or corrected"),
        ("Eve", "approve", Role.APPROVER, {"version": version}, 409, "not among those"),
        ("Ned", "approve", Role.APPROVER, {"version": "0" * 16}, 409, "another version"),
        ("Rae", "reject", Role.APPROVER, {"version": version}, 409, "not among those"),
        ("Bea", "approve", Role.APPROVER, {"version": "no version"}, 422, "version"),
        ("Cat", "approve", Role.APPROVER, {}, 422, "version"),
    ):
        refused = await _answer(office, who, answer, role, **body)
        assert (refused.status_code, reason in refused.text) == (status, True), refused.text
    assert not claim.desk.world.target
    taken = await _answer(office, NOOR, "approve", Role.APPROVER, version=version)
    assert taken.json() == {"answer": "approve", "who": NOOR, "level": 1, "levels": 1}
    await claim.until(lambda: claim.desk.world.target)
    headers = {"Authorization": f"Bearer {await office.token(Role.APPROVER, 'Zed')}"}
    late = {**_PLACE, "version": version}
    again = await office.http.post(f"{_PATH}/approve", json=late, headers=headers)
    assert (again.status_code, "nothing waits" in again.text) == (409, True)


async def test_a_rejection_says_why(office: Office, claim: Claim) -> None:
    headers = {"Authorization": f"Bearer {await office.token(Role.APPROVER, NOOR)}"}
    body = {**_PLACE, "version": await _version(office)}
    silent = await office.http.post(f"{_PATH}/reject", json=body, headers=headers)
    assert (silent.status_code, "says why" in silent.text) == (409, True)
    said = {**body, "comment": "whose taxi?"}
    taken = await office.http.post(f"{_PATH}/reject", json=said, headers=headers)
    assert taken.json()["answer"] == "reject"


@pytest.mark.parametrize(
    ("path", "place"),
    [("/operator/expenses/77", CLAIMS), ("/operator/expenses/5000001", "elsewhere")],
)
async def test_what_is_not_there_cannot_be_approved(office: Office, path: str, place: str) -> None:
    body = {"connection": place, "version": "a"}
    answer = await office.ask("POST", f"{path}/approve", Role.APPROVER, json=body)
    assert answer.status_code == 404
    assert (await office.ask("GET", path, params={"connection": place})).status_code == 404
