"""The tie-out in the whole house: traffic ties, what is planted is found, and repaired."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from temporalio.client import WorkflowFailureError

from activities.reconciling import TieOutResult
from documents.naming import backfill_id
from documents.sign_off import SignOffState
from documents.tieout import BreakState, BreakType, TieOutSummary
from policies.tieout.verdict import verdict
from tests.bookkeeper import Bookkeeper, bookkeeper
from tests.e2e.house import TODAY, House
from tests.e2e.plants import PLANTS, Case, found_and_put_right
from tests.e2e.tie_outs import (
    PERIOD,
    at_the_client,
    breaks,
    no_sweep,
    tie_out,
    unnoticed,
    until,
    until_at_rest,
)
from workers.access.tokens import mint
from workers.connections import NavTarget, load_connections
from workers.demo.people import Line
from workers.opening import open_store

CONNECTION, TAG = "lane-3", "L3"
"""A business of its own: what other tests leave behind is no break here."""

LINES = [Line("Advice", "1", "100.00", (("HST", "13"),))]
LAST_MONTH = TODAY.replace(day=1) - timedelta(days=1)
PAGES = 8

pytestmark = pytest.mark.timeout(280)


@pytest.fixture
def house(house: House) -> House:
    return house.on(CONNECTION)


async def as_scheduled(house: House) -> tuple[TieOutSummary, ...]:
    """As the schedule starts it: for no period in particular."""
    result: TieOutResult = await house.client.execute_workflow(
        "TieOut",
        {"connection": CONNECTION},
        id=f"tie-out/{CONNECTION}",
        task_queue="tieout",
        result_type=TieOutResult,
    )
    return result.summaries


@asynccontextmanager
async def by_hand(house: House) -> AsyncIterator[Bookkeeper]:
    """Somebody in NAV."""
    target = load_connections(house.settings.connections)[CONNECTION].target
    assert isinstance(target, NavTarget)
    async with open_store(house.settings) as store:
        secret = await store.credentials.get(CONNECTION, target.secret_name) or ""
    async with (
        httpx.AsyncClient(timeout=30) as http,
        bookkeeper(http, target.settings(secret), secret) as somebody,
    ):
        yield somebody


class NavHands:
    """Somebody in NAV, through its own pages and journals."""

    tag = TAG

    def __init__(self, house: House, books: Bookkeeper) -> None:
        self._house = house
        self._books = books

    @asynccontextmanager
    async def wrong_rate(self) -> AsyncIterator[None]:
        await self._books.add(
            "CurrencyExchangeRates",
            Currency_Code="GBP",
            Starting_Date=TODAY.isoformat(),
            Exchange_Rate_Amount=1,
            Relational_Exch_Rate_Amount=1.3,
        )
        try:
            yield
        finally:
            await self._books.remove("CurrencyExchangeRates", f"'GBP',{TODAY}")

    async def enter_again(self, case: Case) -> None:
        await self._books.invoice(case.customer, "113.00", TODAY, case.number)

    async def receive(self, case: Case) -> str:
        return await self._books.receipt(case.customer, "7.00", TODAY)

    async def take_back(self, number: str) -> None:
        await self._books.reverse_payment(f"BY HAND {number}", TODAY, f"UNDO {number}")

    async def unapply(self, reference: str) -> None:
        await self._books.unapply_reference(reference)

    async def reverse(self, reference: str) -> None:
        await self._books.reverse_payment(reference, TODAY, f"UNDO {reference}")

    async def rename(self, customer: str, to: str) -> None:
        await at_the_client(self._house, "rename", **{"customer": customer, "as": to})


async def test_an_empty_period_ties(house: House) -> None:
    summary = await tie_out(house, "2020-01")
    assert verdict(summary).is_tied, verdict(summary)
    assert (summary.source_read, summary.totals) == (0, ())


async def test_a_period_that_is_not_over_and_one_under_backfill_are_provisional(
    house: House,
) -> None:
    """Nobody signs what is still being loaded, or goes on."""
    present = await tie_out(house)
    assert (present.is_provisional, present.note) == (True, "the period is not over")
    loading = await house.client.start_workflow(
        "Backfill", id=backfill_id(CONNECTION), task_queue="of nobody"
    )
    try:
        past = await tie_out(house, "2020-01")
    finally:
        await loading.terminate()
    assert past.is_provisional
    assert "a backfill is running" in past.note
    assert not (await tie_out(house, "2020-01")).is_provisional


async def test_what_was_posted_and_paid_ties_to_the_cent(house: House) -> None:
    for currency in ("USD", "EUR"):
        invoice = await house.sent_invoice(LINES, currency=currency)
        await house.watch.wait(invoice, "posted")
        await house.pay(invoice, "113.00", currency=currency)
        await house.watch.wait(invoice, "closed")
    summary = await tie_out(house)
    assert await breaks(house, BreakState.OPEN) == []
    assert verdict(summary).is_tied, verdict(summary)
    assert all(total.ties for total in summary.totals)
    assert {total.kind.value for total in summary.totals} >= {"invoice", "payment"}
    assert all(check.ties for check in summary.checks), summary.checks
    assert summary.movements_that_differ == 0


async def test_a_period_is_tied_out_under_its_own_id_only(house: House) -> None:
    with pytest.raises(WorkflowFailureError) as failed:
        await house.client.execute_workflow(
            "TieOut",
            {"connection": CONNECTION, "period": "2020-01"},
            id="another tie-out",
            task_queue="tieout",
        )
    assert f"runs as tie-out/{CONNECTION}/2020-01" in str(failed.value.cause)


async def test_everything_that_is_planted_is_found_and_nothing_else(house: House) -> None:
    """Breaks of every type while traffic and faults go on; then it ties again."""
    async with by_hand(house) as books:

        async def written_off(case: Case) -> None:
            number = await books.write_off(case.customer, "3.00", TODAY, case.posted_as)
            case.by_hand.append(number)
            case.expect(BreakType.MISSING_IN_SOURCE, number)
            case.expect(BreakType.STATUS)

        plants = {**PLANTS, "written off": written_off}
        await found_and_put_right(house, NavHands(house, books), plants)


async def test_a_tie_out_of_some_kinds_says_nothing_of_the_others(house: House) -> None:
    client = await house.new_client()
    paid = await house.sent_invoice(client=client)
    await house.watch.wait(paid, "posted")
    await house.pay(paid, "113.00")
    await house.watch.wait(paid, "closed")
    result: TieOutResult = await house.client.execute_workflow(
        "TieOut",
        {"connection": CONNECTION, "period": PERIOD, "kinds": ["payment"]},
        id=f"tie-out/{CONNECTION}/{PERIOD}",
        task_queue="tieout",
        result_type=TieOutResult,
    )
    (summary,) = result.summaries
    assert {total.kind.value for total in summary.totals} == {"payment"}
    assert (summary.is_provisional, verdict(summary).is_tied) == (True, True), verdict(summary)
    assert "limited to payment" in summary.note
    assert await breaks(house, BreakState.OPEN) == []


async def _listings(house: House) -> int:
    """How many pages of invoices were asked for."""
    account = house.ready.connections[CONNECTION].source.account_id
    rows = (await house.http.get(f"{house.ready.control}/requests/freshbooks")).json()
    path = f"/accounting/account/{account}/invoices/invoices"
    return sum((row["method"], row["path"]) == ("GET", path) for row in rows)


async def test_a_signed_off_period_takes_no_posting_and_opens_again_when_it_moves(
    house: House,
) -> None:
    period = f"{LAST_MONTH:%Y-%m}"
    client = await house.new_client()
    invoice = await _invoice_of_last_month(house, client)
    await house.watch.wait(invoice, "posted")
    assert verdict(await tie_out(house, period)).is_tied
    for name, role in (("Petra", "operator"), ("Quentin", "approver")):
        token = await _token(house, name, role)
        said = await _tieout(house, "sign-off", "--period", period, typed=token)
        assert f"by {name}" in said
    late = await _invoice_of_last_month(house, client)
    await house.watch.wait(late, "held")
    status = await house.watch.status(late)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "period-closed"
    await house.clerk.void_invoice(late)
    await house.clerk.void_invoice(invoice)
    await house.watch.wait(invoice, "closed")
    await until_at_rest(house)
    summaries = await as_scheduled(house)
    assert [s.period for s in summaries] == [period, PERIOD]
    async with open_store(house.settings) as store:
        sign_off = await store.sign_offs.get(CONNECTION, period)
        journal = await store.audit.verify(CONNECTION)
    assert sign_off is not None
    assert sign_off.state is SignOffState.REOPENED
    assert await house.number(invoice) in sign_off.reason
    assert journal.damages == ()


async def _invoice_of_last_month(house: House, client: int) -> int:
    invoice = await house.clerk.write_invoice(client, "USD", LAST_MONTH, LINES)
    await house.clerk.send_invoice(invoice)
    return invoice


async def _token(house: House, name: str, role: str) -> str:
    new = mint()
    async with open_store(house.settings) as store:
        await store.persons.add(new.person_id, name, role, new.digest)
    return new.token


async def _tieout(house: House, *words: str, typed: str) -> str:
    """The command `tieout tie-out`, as a person at a terminal uses it."""
    script = Path(sys.executable).with_name("tieout")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), "tie-out", *words, "--connection", CONNECTION,
        "--config", str(house.state / "tieout.yaml"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TEMPORAL_ADDRESS": house.ready.temporal},
    )  # fmt: skip
    out, _ = await process.communicate(f"{typed}\n".encode())
    assert process.returncode == 0
    return out.decode()


async def test_a_killed_worker_goes_on_with_a_large_run(house: House) -> None:
    """Pages that were staged are not read again by the attempt after it."""
    client = await house.new_client()
    async with no_sweep(house), unnoticed(house):
        for _ in range(PAGES):
            await asyncio.gather(*(house.invoice(client=client) for _ in range(100)))
        await house.fault(
            system="freshbooks", method="GET", path=".*/invoices/invoices", fault="delay",
            delay=1.5, times=PAGES,
        )  # fmt: skip
        before = await _listings(house)
        running = asyncio.create_task(tie_out(house))

        async def some_pages_were_read() -> bool:
            return await _listings(house) >= before + PAGES - 1

        await until(some_pages_were_read)
        house.kill("worker")
        summary = await running
        await house.no_faults()
        assert summary.is_finished
        read = await _listings(house) - before
        await tie_out(house)
        whole = await _listings(house) - before - read
    # All pages, and again those that were not known to be staged when the worker was killed. Who
    # starts over reads the first PAGES - 1 in vain.
    assert read < whole + PAGES - 1
