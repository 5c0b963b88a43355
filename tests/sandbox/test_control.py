"""The control interface: clock, reset, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.duration import add_duration

CLIENTS = "/accounting/account/6BApk01/users/clients"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1D", datetime(2026, 2, 1, 12, tzinfo=UTC)),
        ("PT1H", datetime(2026, 1, 31, 13, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("P1Y2W", datetime(2027, 2, 14, 12, tzinfo=UTC)),
        ("PT1M30.5S", datetime(2026, 1, 31, 12, 1, 30, 500_000, tzinfo=UTC)),
        ("P1DT12H", datetime(2026, 2, 2, tzinfo=UTC)),
    ],
)
def test_durations_are_added_by_the_calendar(text: str, expected: datetime) -> None:
    assert add_duration(datetime(2026, 1, 31, 12, tzinfo=UTC), text) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "-P1D", "P-1D", "1D", "P1H", "PT", "P1DT"])
def test_what_is_no_positive_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        add_duration(datetime(2026, 1, 31, tzinfo=UTC), text)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "-P1D"},
        {"advance": "P1D", "now": "2026-01-01T00:00:00Z"},
        {"now": "2026-01-01T00:00:00"},
        {"advance": "P9999Y"},
        {"advance": 5},
        [],
    ],
)
async def test_a_bad_clock_change_is_refused(control: httpx.AsyncClient, body: Any) -> None:
    answer = await control.post("/clock", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_an_unknown_system_is_not_found(control: httpx.AsyncClient) -> None:
    for call in ("/journal/sap", "/requests/sap"):
        answer = await control.get(call)
        assert answer.status_code == 404
        assert "freshbooks" in answer.json()["error"]


async def test_a_source_has_no_operator(control: httpx.AsyncClient) -> None:
    answer = await control.post("/operator", json={"system": "freshbooks", "posting": "wait"})
    assert answer.status_code == 400
    assert "operator" in answer.json()["error"]


async def test_bad_misbehaviour_is_refused_with_the_name_of_the_field(
    control: httpx.AsyncClient,
) -> None:
    answer = await control.post("/webhooks", json={"system": "freshbooks", "drop": 2})
    assert answer.status_code == 400
    assert "drop" in answer.json()["error"]
    assert (await control.post("/webhooks", content=b"{")).status_code == 400


async def test_the_request_log_shows_method_path_and_status(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await freshbooks.get(CLIENTS, params={"page": "1"})
    await freshbooks.get("/nothing/here")
    seen = (await control.get("/requests/freshbooks")).json()
    assert [(entry["method"], entry["path"], entry["status"]) for entry in seen] == [
        ("GET", CLIENTS, 200),
        ("GET", "/nothing/here", 404),
    ]
    assert datetime.fromisoformat(seen[0]["at"]).tzinfo is not None


async def test_reset_empties_books_faults_and_log_but_never_reuses_an_id(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    first = await freshbooks.post(CLIENTS, json={"client": {"email": "a@example.com"}})
    await control.post("/faults", json={"system": "freshbooks", "fault": "reset_before"})
    await control.post("/clock", json={"advance": "P1D"})
    assert (await control.post("/reset")).status_code == 200
    assert (await control.get("/journal/freshbooks")).json() == []
    assert (await control.get("/faults")).json() == []
    assert (await control.get("/requests/freshbooks")).json() == []
    second = await freshbooks.post(CLIENTS, json={"client": {"email": "a@example.com"}})
    ids = [answer.json()["response"]["result"]["client"]["id"] for answer in (first, second)]
    assert ids[1] == ids[0] + 1
