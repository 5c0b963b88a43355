"""Every kind of fault, over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sandbox.faults import Fault, FaultPlan

CLIENTS = "/accounting/account/6BApk01/users/clients"
NEW = {"client": {"organization": "Acme"}}


async def plan(control: httpx.AsyncClient, **fault: Any) -> str:
    answer = await control.post("/faults", json={"system": "freshbooks", **fault})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def committed(control: httpx.AsyncClient) -> int:
    return len((await control.get("/journal/freshbooks")).json())


async def last_status(control: httpx.AsyncClient) -> int | None:
    status: int | None = (await control.get("/requests/freshbooks")).json()[-1]["status"]
    return status


async def test_a_reset_before_loses_request_and_reply(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="reset_before", times=1)
    with pytest.raises(httpx.ReadError):
        await freshbooks.post(CLIENTS, json=NEW)
    assert await committed(control) == 0
    assert await last_status(control) is None
    assert (await freshbooks.post(CLIENTS, json=NEW)).status_code == 200


async def test_a_reset_after_commits_and_loses_the_reply(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="reset_after", times=1)
    with pytest.raises(httpx.ReadError):
        await freshbooks.post(CLIENTS, json=NEW)
    assert await committed(control) == 1
    assert await last_status(control) is None


@pytest.mark.parametrize(("fault", "documents"), [("hang_before", 0), ("hang_after", 1)])
async def test_a_hang_says_nothing_until_its_delay_and_then_resets(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient, fault: str, documents: int
) -> None:
    await plan(control, fault=fault, delay=0.05, times=1)
    with pytest.raises(httpx.ReadError):
        await freshbooks.post(CLIENTS, json=NEW)
    assert await committed(control) == documents


@pytest.mark.parametrize(("fault", "documents"), [("hang_before", 0), ("hang_after", 1)])
async def test_a_caller_may_leave_a_hang_without_end(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient, fault: str, documents: int
) -> None:
    await plan(control, fault=fault, times=1)
    with pytest.raises(httpx.ReadTimeout):
        await freshbooks.post(CLIENTS, json=NEW, timeout=0.1)
    assert await committed(control) == documents
    assert await last_status(control) is None


async def test_a_late_commit_happens_although_the_caller_has_gone(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="commit_late", delay=0.3, times=1)
    with pytest.raises(httpx.ReadTimeout):
        await freshbooks.post(CLIENTS, json=NEW, timeout=0.05)
    assert await committed(control) == 0
    for _ in range(200):
        if await committed(control):
            break
        await asyncio.sleep(0.02)
    assert await committed(control) == 1
    assert await last_status(control) is None


async def test_a_late_commit_answers_a_caller_who_waits(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="commit_late", delay=0.05, times=1)
    answer = await freshbooks.post(CLIENTS, json=NEW)
    assert answer.json()["response"]["result"]["client"]["organization"] == "Acme"
    assert await last_status(control) == 200


async def test_a_status_answers_in_the_words_of_the_system_and_commits_nothing(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="status", status=429, retry_after=7, method="POST", path=".*clients")
    answer = await freshbooks.post(CLIENTS, json=NEW)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["response"]["errors"][0]["errno"] == 429
    assert await committed(control) == 0
    assert (await freshbooks.get(CLIENTS)).status_code == 200


async def test_a_status_of_200_is_an_error_inside_a_success(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="status", status=200)
    answer = await freshbooks.get(CLIENTS)
    assert answer.status_code == 200
    assert "result" not in answer.json()["response"]
    assert answer.json()["response"]["errors"][0]["errno"] == 500


async def test_a_malformed_reply_is_cut_off_after_the_commit(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="malformed", times=1)
    answer = await freshbooks.post(CLIENTS, json=NEW)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert await committed(control) == 1


async def test_a_delay_only_takes_time(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="delay", delay=0.2, times=1)
    with pytest.raises(httpx.ReadTimeout):
        await freshbooks.get(CLIENTS, timeout=0.05)
    assert (await freshbooks.get(CLIENTS)).status_code == 200


async def test_the_first_active_fault_wins_and_skips_and_times_are_counted(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="status", status=503, skip=1, times=1)
    await plan(control, fault="status", status=500, times=2)
    statuses = [(await freshbooks.get(CLIENTS)).status_code for _ in range(4)]
    assert statuses == [500, 503, 500, 200]
    faults = (await control.get("/faults")).json()
    assert [(fault["hits"], fault["seen"]) for fault in faults] == [(1, 2), (2, 2)]


async def test_faults_can_be_removed(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await plan(control, fault="status", status=500)
    assert (await control.delete("/faults")).status_code == 200
    assert (await control.get("/faults")).json() == []
    assert (await freshbooks.get(CLIENTS)).status_code == 200


def test_probability_is_decided_by_the_seed_alone() -> None:
    plan = FaultPlan(system="freshbooks", fault="reset_before", probability=0.5, seed=3)
    first, second = Fault("1000001", plan), Fault("1000002", plan)
    decisions = [first.strikes() for _ in range(200)]
    assert decisions == [second.strikes() for _ in range(200)]
    assert 60 < sum(decisions) < 140


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"fault": "explode"}, "fault"),
        ({"fault": "status"}, "status"),
        ({"fault": "delay"}, "delay"),
        ({"fault": "commit_late"}, "delay"),
        ({"fault": "reset_before", "path": "("}, "path"),
        ({"fault": "reset_before", "times": 0}, "times"),
        ({"fault": "reset_before", "probability": 2}, "probability"),
        ({"fault": "reset_before", "colour": "red"}, "colour"),
        ({"fault": "reset_before", "system": "sap"}, "system"),
    ],
)
async def test_a_bad_plan_is_refused_with_the_name_of_the_field(
    control: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    answer = await control.post("/faults", json={"system": "freshbooks", **wrong})
    assert answer.status_code == 400
    assert field in answer.json()["error"]


@pytest.mark.parametrize(
    ("action", "meets"), [("urn:service/create", True), ("urn:service/read", False), ("", False)]
)
def test_a_plan_may_name_the_operation_of_a_soap_call(action: str, meets: bool) -> None:
    plan = FaultPlan(system="ax", action=".*/create", fault="reset_after")
    assert Fault("1", plan).matches("ax", "POST", "/service", action) is meets
