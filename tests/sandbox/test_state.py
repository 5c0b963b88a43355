"""State on disk: what was committed is there after a restart, even after SIGKILL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.server import SandboxServer
from sandbox.settings import FreshBooksAccount, FreshBooksSettings, SandboxSettings
from sandbox.storage import Storage

CLIENTS = "/accounting/account/6BApk01/users/clients"
_RUN = """
import json, sys
from pathlib import Path
from sandbox.server import run_sandbox
from sandbox.settings import SandboxSettings
settings = SandboxSettings.load(Path(sys.argv[1]))
run_sandbox(settings, lambda ports: print(json.dumps(ports), flush=True))
"""


def test_a_transaction_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "a.sqlite")
    table = storage.table("things")
    table["1"], table["2"] = {"n": 1}, {"n": 2}
    with pytest.raises(RuntimeError), storage.transaction():
        del table["1"]
        table["2"] = {"n": 22}
        table["3"] = {"n": 3}
        storage.counter("id")
        raise RuntimeError
    assert dict(table) == {"1": {"n": 1}, "2": {"n": 2}}
    assert list(table) == ["1", "2"]
    assert storage.counter("id") == 1
    storage.close()
    again = Storage(tmp_path / "a.sqlite")
    assert list(again.table("things").items()) == [("1", {"n": 1}), ("2", {"n": 2})]
    again.close()


def test_what_cannot_be_stored_changes_nothing(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "a.sqlite")
    with pytest.raises(TypeError), storage.transaction():
        storage.table("things")["1"] = {"n": 1}
        storage.table("things")["2"] = {"n": object()}
    assert len(storage.table("things")) == 0
    storage.close()


def test_a_row_is_a_copy_of_what_was_put_in() -> None:
    table = Storage(None).table("things")
    row: dict[str, Any] = {"inner": [1]}
    table["1"] = row
    row["inner"].append(2)
    assert table["1"] == {"inner": [1]}


def test_rows_keep_their_place_when_they_are_replaced(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "a.sqlite")
    table = storage.table("things")
    for key in ("b", "a", "c"):
        table[key] = {}
    table["b"] = {"n": 1}
    storage.close()
    again = Storage(tmp_path / "a.sqlite")
    assert list(again.table("things")) == ["b", "a", "c"]
    again.table("things")["d"] = {}
    assert list(again.table("things")) == ["b", "a", "c", "d"]
    again.close()


def test_counters_outlive_a_clear() -> None:
    storage = Storage(None)
    assert [storage.counter("id", 7), storage.counter("id", 7)] == [7, 8]
    storage.table("kept")["1"] = {}
    storage.table("gone")["1"] = {}
    storage.clear(keep={"kept"})
    assert (len(storage.table("kept")), len(storage.table("gone"))) == (1, 0)
    assert storage.counter("id", 7) == 9


def settings(state: Path, account: FreshBooksAccount) -> SandboxSettings:
    return SandboxSettings(state=state, freshbooks=FreshBooksSettings(accounts=[account]))


async def refresh(
    http: httpx.AsyncClient, account: FreshBooksAccount, token: str
) -> httpx.Response:
    form = {
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "redirect_uri": account.redirect_uri,
        "grant_type": "refresh_token",
        "refresh_token": token,
    }
    return await http.post("/auth/oauth/token", data=form)


async def test_books_tokens_faults_and_clock_survive_a_restart(
    tmp_path: Path, account: FreshBooksAccount
) -> None:
    headers = {"Authorization": f"Bearer {account.access_token}"}
    server = SandboxServer(settings(tmp_path, account))
    await server.start()
    base, control = (f"http://127.0.0.1:{server.ports[n]}" for n in ("freshbooks", "control"))
    async with httpx.AsyncClient(base_url=base, headers=headers) as http:
        await http.post(CLIENTS, json={"client": {"organization": "Acme"}})
        rotated = (await refresh(http, account, account.refresh_token)).json()
        fault = {"system": "freshbooks", "fault": "status", "status": 503, "times": 2}
        await http.post(f"{control}/faults", json=fault)
        await http.post(f"{control}/clock", json={"now": "2030-01-01T00:00:00Z"})
        assert (await http.get(CLIENTS)).status_code == 503
        before = (await http.get(f"{control}/journal/freshbooks")).json()
    await server.stop()
    server = SandboxServer(settings(tmp_path, account))
    await server.start()
    base, control = (f"http://127.0.0.1:{server.ports[n]}" for n in ("freshbooks", "control"))
    async with httpx.AsyncClient(base_url=base, headers=headers) as http:
        assert (await http.get(f"{control}/journal/freshbooks")).json() == before
        assert [(await http.get(CLIENTS)).status_code for _ in range(2)] == [503, 200]
        seen = (await http.get(f"{control}/requests/freshbooks")).json()
        assert datetime.fromisoformat(seen[0]["at"]) >= datetime(2030, 1, 1, tzinfo=UTC)
        assert (await refresh(http, account, account.refresh_token)).status_code == 400
        fresh = await refresh(http, account, rotated["refresh_token"])
        assert fresh.json()["created_at"] >= datetime(2030, 1, 1, tzinfo=UTC).timestamp()
        made = await http.post(CLIENTS, json={"client": {"organization": "Next"}})
        assert made.json()["response"]["result"]["client"]["id"] == 1_000_002
    await server.stop()


async def test_an_access_token_expires_and_dies_when_it_is_revoked(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient, account: FreshBooksAccount
) -> None:
    pair = (await refresh(freshbooks, account, account.refresh_token)).json()
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    assert (await freshbooks.get(CLIENTS, headers=headers)).status_code == 200
    await control.post("/clock", json={"advance": "PT12H"})
    assert (await freshbooks.get(CLIENTS, headers=headers)).status_code == 401
    pair = (await refresh(freshbooks, account, pair["refresh_token"])).json()
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    assert (await freshbooks.get(CLIENTS, headers=headers)).status_code == 200
    form = {"client_id": account.client_id, "client_secret": account.client_secret}
    form["token"] = pair["access_token"]
    assert (await freshbooks.post("/auth/oauth/revoke", data=form)).json() == {}
    assert (await freshbooks.get(CLIENTS, headers=headers)).status_code == 401


async def test_a_wrong_client_is_refused_in_both_encodings(
    freshbooks: httpx.AsyncClient,
) -> None:
    wrong = {"client_id": "x", "client_secret": "y", "grant_type": "refresh_token"}
    for answer in (
        await freshbooks.post("/auth/oauth/token", data=wrong),
        await freshbooks.post("/service/auth/oauth/token", json=wrong),
    ):
        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_client"


def test_a_kill_loses_nothing_and_frees_the_ports(
    tmp_path: Path, account: FreshBooksAccount
) -> None:
    config = tmp_path / "sandbox.json"
    headers = {"Authorization": f"Bearer {account.access_token}"}

    def start(plan: dict[str, Any]) -> tuple[subprocess.Popen[str], dict[str, int]]:
        config.write_text(json.dumps(plan))
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(config)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    plan = settings(tmp_path / "state", account).model_dump(mode="json")
    first, ports = start(plan)
    base = f"http://127.0.0.1:{ports['freshbooks']}"
    with httpx.Client(base_url=base, headers=headers, trust_env=False) as http:
        for number in range(5):
            assert http.post(CLIENTS, json={"client": {"note": str(number)}}).status_code == 200
        first.kill()
        first.communicate()
    plan["control_port"] = ports["control"]
    plan["freshbooks"]["port"] = ports["freshbooks"]
    second, again = start(plan)
    assert again == ports
    with httpx.Client(base_url=base, headers=headers, trust_env=False) as http:
        rows = http.get(CLIENTS).json()["response"]["result"]["clients"]
    assert [row["note"] for row in rows] == ["0", "1", "2", "3", "4"]
    second.terminate()
    second.communicate()
    assert second.returncode == 0
