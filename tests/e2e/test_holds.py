"""Exceptions that people resolve: through the command line, with a token for each person."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from documents.naming import bulk_retry_id
from tests.e2e.expenses import open_claims
from tests.e2e.house import CONNECTION, House
from workers.demo.people import Line

OURS = ("--connection", CONNECTION)
"""The other businesses of the house number their invoices like this one."""

HARDWARE = [Line("Hardware sale", "1", "10.00")]


class Person:
    """Somebody at a terminal, with a token of their own."""

    def __init__(self, house: House, token: str) -> None:
        self._house = house
        self._token = token

    @classmethod
    async def hired(cls, house: House, name: str, role: str) -> Person:
        out = await _tieout(house, {}, "person", "add", name, "--role", role)
        return cls(house, out.strip().splitlines()[-1])

    async def tieout(self, *words: str, fails: bool = False) -> str:
        own = {"TIEOUT_TOKEN": self._token, "TIEOUT_OPERATOR_URL": self._house.ready.operator}
        return await _tieout(self._house, own, *words, fails=fails)


async def _tieout(house: House, extra: dict[str, str], *words: str, fails: bool = False) -> str:
    script = Path(sys.executable).with_name("tieout")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={
            "PATH": "/usr/bin:/bin",
            "TIEOUT_CONFIG": str(house.state / "tieout.yaml"),
            "TEMPORAL_ADDRESS": house.ready.temporal,
            **extra,
        },
    )  # fmt: skip
    out, _ = await process.communicate()
    assert (process.returncode != 0) == fails, out.decode()
    return out.decode()


@pytest.fixture(scope="module")
async def ada(the_house: House) -> Person:
    return await Person.hired(the_house, "Ada", "operator")


@pytest.fixture(scope="module")
async def grace(the_house: House) -> Person:
    return await Person.hired(the_house, "Grace", "approver")


async def _held(house: House) -> tuple[int, str]:
    invoice = await house.sent_invoice(HARDWARE)
    await house.watch.wait(invoice, "held")
    return invoice, await house.number(invoice)


async def test_the_list_says_what_is_held_why_and_whose_turn_it_is(
    house: House, ada: Person
) -> None:
    _, number = await _held(house)
    told = await ada.tieout("holds", "list", "--cause", "account-unknown")
    assert CONNECTION in told
    assert number in told
    assert "administrator" in told
    assert "4999" in told


async def test_a_correction_is_carried_out_only_after_somebody_else_approved_it(
    house: House, ada: Person, grace: Person
) -> None:
    invoice, number = await _held(house)
    correct = ("holds", "resolve", number, *OURS, "--action", "correct", "--why", "wrong account")
    told = await ada.tieout(*correct, "--set", "account:4999=4050")
    assert "waits for a second person" in told
    assert await house.watch.stage(invoice) == "held"
    approve = ("holds", "resolve", number, *OURS, "--action", "approve", "--why", "agreed")
    assert "approver" in await ada.tieout(*approve, fails=True)
    await grace.tieout(*approve)
    await house.watch.wait(invoice, "posted")
    (row,) = await house.posted("invoice", number)
    assert row["amount"] == "10.00"


async def test_who_corrects_does_not_approve(house: House, grace: Person) -> None:
    _, number = await _held(house)
    correct = ("holds", "resolve", number, *OURS, "--action", "correct", "--why", "wrong account")
    await grace.tieout(*correct, "--set", "account:4999=4050")
    approve = (
        "holds",
        "resolve",
        number,
        *OURS,
        "--action",
        "approve",
        "--why",
        "agreed with myself",
    )
    assert "somebody else has to approve" in await grace.tieout(*approve, fails=True)


async def test_a_decision_with_a_stale_version_is_refused(house: House) -> None:
    from temporalio.client import WorkflowUpdateFailedError

    invoice, _ = await _held(house)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await house.resolve(invoice, action="retry", who="Ada", why="x", version=99)
    assert "version 99 is stale" in str(refused.value.cause)


async def test_a_forged_correction_through_plain_temporal_is_not_carried_out(
    house: House,
) -> None:
    invoice, number = await _held(house)
    values = {"account:4999": "4050"}
    sealed = {"proof": "k1:00", "sealed_at": datetime.now(UTC).isoformat()}
    forged = {"action": "correct", "who": "Ada", "why": "x", "values": values, **sealed}
    await house.resolve(invoice, **forged)
    approval = {"action": "approve", "who": "Grace", "why": "x", **sealed}
    await house.resolve(invoice, **approval)
    await asyncio.sleep(1)
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "decision-unproven"
    assert await house.posted("invoice", number) == []


async def test_a_sheet_goes_out_is_filled_in_and_comes_back(
    house: House, ada: Person, tmp_path: Path
) -> None:
    invoice, number = await _held(house)
    file = tmp_path / "holds.csv"
    await ada.tieout("holds", "export", str(file), "--cause", "account-unknown")
    rows = list(csv.DictReader(file.read_text().splitlines()))
    row = next(r for r in rows if (r["connection"], r["id"]) == (CONNECTION, str(invoice)))
    row |= {"action": "skip", "why": "entered by hand"}
    _write(file, [row])
    told = await ada.tieout("holds", "import", str(file))
    assert f"row 2: skip invoice {number}: accepted" in told
    assert "1 decisions accepted" in told
    await house.watch.wait(invoice, "ignored")


async def test_a_sheet_with_an_error_names_row_and_field_and_does_nothing(
    house: House, ada: Person, tmp_path: Path
) -> None:
    invoice, _ = await _held(house)
    file = tmp_path / "holds.csv"
    await ada.tieout("holds", "export", str(file))
    rows = list(csv.DictReader(file.read_text().splitlines()))
    good = next(r for r in rows if (r["connection"], r["id"]) == (CONNECTION, str(invoice)))
    _write(
        file,
        [
            good | {"action": "skip", "why": "x"},
            good | {"action": "forget it", "why": ""},
            good | {"action": "adopt", "why": "x", "id": "9999999"},
        ],
    )
    told = await ada.tieout("holds", "import", str(file), fails=True)
    assert "row 3: action: 'forget it' must be one of" in told
    assert "row 3: why: must not be empty" in told
    assert "row 4: id: invoice 9999999 is not held" in told
    assert await house.watch.stage(invoice) == "held"


async def test_a_bulk_retry_by_cause_tells_every_held_document_once(
    house: House, ada: Person
) -> None:
    client = await house.new_client("Blocked in bulk")
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer("Blocked in bulk", "All")
    invoices = [await house.sent_invoice(client=client) for _ in range(3)]
    for invoice in invoices:
        await house.watch.wait(invoice, "held")
    await house.block_customer("Blocked in bulk", " ")
    told = await _tieout(
        house, {}, "holds", "retry", "--cause", "customer-blocked", "--connection", CONNECTION,
        "--who", "Ada", "--why", "unblocked", "--per-second", "50",
    )  # fmt: skip
    assert "told to retry" in told
    for invoice in invoices:
        await house.watch.wait(invoice, "posted")


async def test_a_bulk_retry_of_an_unknown_connection_is_refused(house: House) -> None:
    told = await _tieout(
        house, {}, "holds", "retry", "--cause", "x", "--connection", "nowhere", "--who", "Ada",
        "--why", "x", fails=True,
    )  # fmt: skip
    assert CONNECTION in told


async def test_whoever_watches_a_bulk_retry_hears_that_it_was_terminated(house: House) -> None:
    await _held(house)
    watching = asyncio.create_task(
        _tieout(
            house, {}, "holds", "retry", "--cause", "account-unknown", "--connection", CONNECTION,
            "--who", "Ada", "--why", "x", "--per-second", "0.01", fails=True,
        )
    )  # fmt: skip
    handle = house.client.get_workflow_handle(bulk_retry_id(CONNECTION, "account-unknown"))
    async with asyncio.timeout(30):
        while not await _runs(handle):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)
    await handle.terminate("as an impatient operator would")
    assert "ended as terminated" in await watching


async def _runs(handle: WorkflowHandle[object, object]) -> bool:
    try:
        return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    except RPCError:
        return False


async def test_a_held_expense_is_retried_with_the_others_and_released_by_its_number(
    house: House, ada: Person
) -> None:
    claims = await open_claims(house)
    first = await claims.enter("21.50", receipt=None, vendor="The same shop")
    await claims.wait(first, "posted")
    second = await claims.enter("21.50", receipt=None, vendor="The same shop")
    status = await claims.wait(second, "held")
    assert status.hold is not None
    told = await _tieout(
        house, {}, "holds", "retry", "--cause", status.hold.cause, "--connection", CONNECTION,
        "--who", "Ada", "--why", "looked", "--per-second", "50",
    )  # fmt: skip
    assert "0 told to retry" not in told
    assert "0 no longer held" in told
    await claims.wait(second, "held")
    release = ("holds", "resolve", str(second), *OURS, "--action", "release", "--why", "two taxis")
    assert "accepted" in await ada.tieout(*release)
    await claims.wait(second, "posted")


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.DictWriter(out, rows[0].keys())
        sheet.writeheader()
        sheet.writerows(rows)


async def test_how_many_are_held_is_on_the_metrics_page_without_any_alert_channel(
    house: House,
) -> None:
    invoice = await house.sent_invoice(HARDWARE)
    await house.watch.wait(invoice, "held")
    ports = json.loads((house.state / "ports.json").read_text(encoding="utf-8"))
    page = f"http://127.0.0.1:{ports['worker_metrics']}/metrics"
    wanted = f'connection="{CONNECTION}"'

    async def is_shown() -> bool:
        lines = (await house.http.get(page)).text.splitlines()
        shown = [line for line in lines if line.startswith("tieout_holds{") and wanted in line]
        return any('"account-unknown"' in line and not line.endswith(" 0") for line in shown)

    async with asyncio.timeout(60):
        while not await is_shown():  # noqa: ASYNC110 - another process
            await asyncio.sleep(1)
