"""`tieout account` in a running house: it closes, and whatever does not is named."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from documents.key import Kind
from documents.naming import process_id, sweep_id
from documents.row import DocumentRow
from store.store import Store
from tests.e2e.bills import open_payables
from tests.e2e.house import CONNECTION, House, open_house
from workers.account.law import days_of
from workers.account.report import account
from workers.connections import load_connections
from workers.opening import open_store
from workers.refusal import Refusal


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house without a sweep: what is missing stays missing."""
    async with open_house(tmp_path_factory.mktemp("accounted")) as opened:
        await opened.client.get_schedule_handle(sweep_id(CONNECTION)).pause()
        yield opened


async def _account(house: House, *options: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.cli", "account", *options,
        "--config", str(house.state / "tieout.yaml"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TEMPORAL_ADDRESS": house.ready.temporal},
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, (out or err).decode()


async def _accounted(
    house: House, period: str | None = None, *, ask_source: bool = False
) -> dict[str, Any]:
    connection = load_connections(house.settings.connections)[CONNECTION]
    async with open_store(house.settings) as store:
        found = await account(
            house.client, store, connection, period or "", days_of(period), ask_source=ask_source
        )
    assert found.as_json()["closes"] is not bool(found.findings)
    return found.as_json()


async def _at_rest(store: Store, invoice: int) -> DocumentRow:
    """The row of an invoice once nobody changes it any more: our own write-back is a hint, too."""
    before = -1
    while True:
        row = await store.documents.get(CONNECTION, Kind.INVOICE, str(invoice))
        if row is not None and row.version == before:
            return row
        before = row.version if row else -1
        await asyncio.sleep(2)


def _row(found: dict[str, Any], kind: str, currency: str) -> dict[str, Any]:
    return next(r for r in found["rows"] if (r["kind"], r["currency"]) == (kind, currency))


async def test_everything_that_was_received_is_accounted_for(house: House) -> None:
    paid = await house.sent_invoice()
    await house.pay(paid, "113.00")
    await house.watch.wait(paid, "closed")
    open_one = await house.sent_invoice(currency="EUR")
    await house.watch.wait(open_one, "posted")
    await house.watch.wait(await house.invoice(), "ignored")
    payables = await open_payables(house)
    bill = await payables.enter()
    await payables.wait(bill, "posted")
    await payables.pay(bill, "125.50")
    await payables.wait(bill, "closed")
    voided = await house.sent_invoice()
    await house.watch.wait(voided, "posted")
    await house.clerk.void_invoice(voided)
    await house.watch.wait(voided, "closed")

    found = await _accounted(house, ask_source=True)
    assert (found["findings"], found["closes"]) == ([], True)
    dollars = _row(found, "invoice", "USD")
    assert dollars["received"] == {"count": 3, "amount": "339.00"}
    assert dollars["posted"] == {"count": 2, "amount": "226.00"}
    assert dollars["ignored"] == {"count": 1, "amount": "113.00"}
    assert dollars["reversed"] == {"count": 1, "amount": "113.00"}
    assert _row(found, "invoice", "EUR")["posted"] == {"count": 1, "amount": "113.00"}
    assert _row(found, "payment", "USD")["posted"] == {"count": 1, "amount": "113.00"}
    running = {p["kind"]: (p["open"], p["running"]) for p in found["processes"]}
    assert running["invoice"] == (1, 1)
    listed = {each["kind"]: each["listed"] for each in found["source"]}
    assert listed == {
        "invoice": 3,
        "payment": 1,
        "credit_note": 0,
        "expense": 0,
        "bill": 1,
        "bill_payment": 1,
    }
    for kind in ("bill", "bill_payment"):
        assert _row(found, kind, "USD")["posted"] == {"count": 1, "amount": "125.50"}


async def test_a_period_limits_the_table(house: House) -> None:
    found = await _accounted(house, "1999-12")
    assert (found["rows"], found["period"]) == ([], "1999-12")


@pytest.mark.parametrize("period", ["2026", "2026-13", "2026-00", "26-01", "last month"])
def test_an_impossible_period_is_refused(period: str) -> None:
    with pytest.raises(Refusal, match="is not a month"):
        days_of(period)


async def test_an_unknown_connection_is_refused_with_those_there_are(house: House) -> None:
    code, out = await _account(house, "--connection", "nowhere")
    assert code != 0
    assert CONNECTION in out


async def test_a_document_that_was_never_heard_of_is_named(house: House) -> None:
    control = f"{house.ready.control}/webhooks"
    await house.http.post(control, json={"system": "freshbooks", "drop": 1.0})
    lost = await house.sent_invoice()
    await house.http.post(control, json={"system": "freshbooks"})
    assert (await _accounted(house))["closes"]
    found = await _accounted(house, ask_source=True)
    assert found["findings"] == [f"invoice {lost} was never received"]
    await house.clerk.send_invoice(lost)
    await house.watch.wait(lost, "posted")
    assert (await _accounted(house, ask_source=True))["closes"]


async def test_an_open_document_without_a_process_is_named(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    handle = house.client.get_workflow_handle(process_id(CONNECTION, Kind.INVOICE, str(invoice)))
    await handle.terminate("as an impatient operator would")
    found = await _accounted(house)
    assert found["findings"] == [f"invoice {invoice} is open, and no process follows it"]
    await house.clerk.send_invoice(invoice)
    await house.watch.wait(invoice, "posted")
    assert (await _accounted(house))["closes"]


async def test_a_process_without_an_open_document_is_named(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    async with open_store(house.settings) as store:
        row = await _at_rest(store, invoice)
        row = await store.documents.save(row.model_copy(update={"closed": True}))
        found = await _accounted(house)
        name = process_id(CONNECTION, Kind.INVOICE, str(invoice))
        assert found["findings"] == [f"process {name} runs, and no open document belongs to it"]
        await store.documents.save(row.model_copy(update={"closed": False}))
    assert (await _accounted(house))["closes"]


async def test_the_table_says_in_words_what_does_not_close(house: House) -> None:
    only = ("--connection", CONNECTION)
    code, out = await _account(house, *only, "--json", "--against-source")
    assert (code, json.loads(out)) == (0, [await _accounted(house, ask_source=True)])
    async with open_store(house.settings) as store:
        stray = DocumentRow(connection=CONNECTION, kind=Kind.INVOICE, source_id="9999999")
        await store.documents.save(stray)
    code, out = await _account(house, *only)
    assert code == 1
    assert "does not close" in out
    assert "invoice 9999999 is open, and no process follows it" in out
