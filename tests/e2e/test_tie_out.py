"""The tie-out in the whole house: traffic ties, what is planted is found, and repaired."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import WorkflowFailureError

from activities.reconciling import TieOutResult
from documents.key import Key, Kind
from documents.naming import backfill_id
from documents.sign_off import SignOffState
from documents.tieout import Break, BreakState, BreakType, TieOutSummary
from policies.tieout.verdict import COUNTED, verdict
from tests.bookkeeper import Bookkeeper, bookkeeper
from tests.e2e.house import TODAY, House
from tests.e2e.tie_outs import (
    PERIOD,
    SETTLE,
    breaks,
    counts,
    no_sweep,
    tie_out,
    unnoticed,
    until,
    until_at_rest,
)
from workers.access.tokens import mint
from workers.connections import NavTarget, load_connections
from workers.demo.people import Line, line_fields
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


@dataclass
class Case:
    """One invoice that is posted, and what was planted about it."""

    house: House
    books: Bookkeeper
    invoice: int
    client: int
    number: str
    customer: str
    posted_as: str
    other_client: int = 0
    expected: set[tuple[BreakType, str]] = field(default_factory=set)
    by_hand: list[str] = field(default_factory=list)
    payment: int = 0

    async def gone_at_the_source(self) -> None:
        await self.house.clerk.void_invoice(self.invoice)
        self.expect(BreakType.ORPHAN)

    async def edited_at_the_source(self) -> None:
        lines = [Line("Advice", "1", "90.00", (("HST", "13"),))]
        await self.house.clerk.change_lines(self.invoice, "USD", lines)
        self.expect(BreakType.AMOUNT)

    async def in_another_currency(self) -> None:
        await self._in("EUR")
        self.expect(BreakType.CURRENCY)

    async def dated_otherwise(self) -> None:
        day = TODAY.replace(day=1 if TODAY.day > 1 else 2)
        await self._change({"create_date": day.isoformat()})
        self.expect(BreakType.DATE)

    async def of_another_client(self) -> None:
        """Of one that is linked to another customer."""
        await self._change({"customerid": self.other_client})
        self.expect(BreakType.PARTY)

    async def entered_twice(self) -> None:
        """The house takes it back itself, once two people said so."""
        await self.books.invoice(self.customer, "113.00", TODAY, self.number)
        self.expect(BreakType.DUPLICATE_IN_TARGET)

    async def received_by_hand(self) -> None:
        self.by_hand.append(await self.books.receipt(self.customer, "7.00", TODAY))
        self.expect(BreakType.MISSING_IN_SOURCE, self.by_hand[-1])

    async def written_off(self) -> None:
        number = await self.books.write_off(self.customer, "3.00", TODAY, self.posted_as)
        self.by_hand.append(number)
        self.expect(BreakType.MISSING_IN_SOURCE, number)
        self.expect(BreakType.STATUS)

    async def unapplied(self) -> None:
        key = await self._payment()
        await self.books._codeunit.call("UnapplyEntry", "unapply by hand", externalKey=key)
        self.expect(BreakType.APPLICATION, f"payment/{self.payment}")

    async def payment_reversed(self) -> None:
        key = await self._payment()
        await self.books._codeunit.call("UnapplyEntry", "unapply by hand", externalKey=key)
        await self.books._codeunit.call(
            "ReversePayment",
            "reverse by hand",
            externalKey=key,
            reversalKey=f"BY HAND {self.invoice}",
            postingDate=TODAY,
        )
        self.expect(BreakType.STATUS, f"payment/{self.payment}")

    async def never_posted(self) -> None:
        self.expect(
            BreakType.MISSING_IN_TARGET,
            f"invoice/{await self.house.sent_invoice(client=self.client)}",
        )

    async def put_right(self) -> None:
        """What people do about it: undo the edit at the source, reverse what was posted by hand,
        delete the payment that was reversed in the target."""
        types = {kind for kind, _ in self.expected}
        if types & {BreakType.AMOUNT, BreakType.CURRENCY}:
            await self._in("USD")
        if BreakType.DATE in types:
            await self._change({"create_date": TODAY.isoformat()})
        if BreakType.PARTY in types:
            await self._change({"customerid": self.client})
        if BreakType.STATUS in types and self.payment:
            await self.house.clerk.delete_payment(self.payment)
        for number in self.by_hand:
            await self._reverse(f"BY HAND {number}")

    async def _reverse(self, reference: str) -> None:
        codeunit = self.books._codeunit
        await codeunit.call("UnapplyEntry", "unapply by hand", externalKey=reference)
        await codeunit.call(
            "ReversePayment",
            "reverse by hand",
            externalKey=reference,
            reversalKey=f"UNDO {reference[8:]}",
            postingDate=TODAY,
        )

    def expect(self, kind: BreakType, document: str = "") -> None:
        self.expected.add((kind, document or f"invoice/{self.invoice}"))

    async def pay(self) -> None:
        """Pay half of it, the payment posted and applied."""
        payment = await self.house.pay(self.invoice, "50.00")
        self.payment = payment
        await until(lambda: self._is_posted(payment))

    async def _is_posted(self, payment: int) -> bool:
        return bool(await self.house.posted("payment", payment))

    async def _payment(self) -> str:
        return Key(tag=TAG, kind=Kind.PAYMENT, source_id=str(self.payment)).text()

    async def _in(self, currency: str) -> None:
        lines = [line_fields(line, currency) for line in LINES]
        await self._change({"currency_code": currency, "lines": lines})

    async def _change(self, fields: dict[str, Any]) -> None:
        await self.house.clerk._change(self.invoice, fields)


PLANTS: dict[str, Callable[[Case], Awaitable[None]]] = {
    "gone": Case.gone_at_the_source,
    "edited": Case.edited_at_the_source,
    "currency": Case.in_another_currency,
    "dated": Case.dated_otherwise,
    "client": Case.of_another_client,
    "twice": Case.entered_twice,
    "received": Case.received_by_hand,
    "written off": Case.written_off,
    "unapplied": Case.unapplied,
    "reversed": Case.payment_reversed,
    "never posted": Case.never_posted,
}


async def posted_case(house: House, books: Bookkeeper) -> Case:
    client = await house.new_client(f"Planted {random.random()}")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "posted")
    status = await house.watch.status(invoice)
    assert status is not None
    (entry,) = await books.rows("CustomerLedgerEntries", Document_No=status.target_number)
    return Case(
        house, books, invoice, client, await house.number(invoice),
        entry["Customer_No"], status.target_number,
    )  # fmt: skip


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
    """Random breaks on both sides while traffic and faults go on; then it ties again."""
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    names = [*PLANTS, *chance.choices(list(PLANTS), k=2)]
    chance.shuffle(names)
    async with no_sweep(house), by_hand(house) as books:
        cases = await _plant(house, books, names)
        traffic = asyncio.create_task(_traffic(house))
        for system in ("nav", "freshbooks"):
            await house.fault(
                system=system, method="GET", path=".*", fault="status", status=503,
                probability=0.03, seed=seed, times=15,
            )  # fmt: skip
        await tie_out(house)
        await traffic
        await house.no_faults()
        wanted = {each for case in cases for each in case.expected}
        found = await breaks(house)
        counted = [b for b in found if counts(b)]
        told = [(b.type, b.match or b.target_number) for b in counted]
        shown = [(b.break_id, b.state.value, b.how) for b in found]
        assert sorted(told) == sorted(wanted), f"seed {seed}: {shown}"
        for case in cases:
            await case.put_right()
        await _reversed_by_two_people(house, counted)
        await until_at_rest(house)
    again = await tie_out(house)
    assert [(b.break_id, b.cause, b.how) for b in await breaks(house, *COUNTED)] == []
    assert verdict(again).is_tied, verdict(again)
    assert all(total.ties for total in again.totals), again.totals
    assert again.movements_that_differ == 0


async def _reversed_by_two_people(house: House, found: list[Break]) -> None:
    """Each invoice that stands twice: proposed by one, approved by another, done once."""
    ada, ben = await _token(house, "Adele", "operator"), await _token(house, "Bert", "approver")
    for each in found:
        if each.type is not BreakType.DUPLICATE_IN_TARGET:
            continue
        about = ("reverse", each.break_id, "--period", PERIOD, "--why", "entered twice")
        assert "proposed" in await _tieout(house, *about, typed=ada)
        assert "approved" in await _tieout(house, *about, typed=ben)

        async def done(found: Break = each) -> bool:
            async with open_store(house.settings) as store:
                now = await store.breaks.get(CONNECTION, PERIOD, found.break_id)
            assert now is not None
            assert now.state in (BreakState.APPROVED, BreakState.CLOSED), now.how
            return now.state is BreakState.CLOSED and "reversed by" in now.how

        await until(done)
        async with house.books() as books:
            rows = await books.rows("CustomerLedgerEntries", Customer_No=each.party)
        memos = [r for r in rows if "-Z" in r["External_Document_No"]]
        assert [(r["Amount"], r["Remaining_Amount"]) for r in memos] == [(-113, 0)]


async def _plant(house: House, books: Bookkeeper, names: list[str]) -> list[Case]:
    spare, *cases = await asyncio.gather(*(posted_case(house, books) for _ in ("", *names)))
    for case in cases:
        case.other_client = spare.client
    paid = [c for n, c in zip(names, cases, strict=True) if n in ("unapplied", "reversed")]
    await asyncio.gather(*(case.pay() for case in paid))
    # A late look at what was paid would put right what is planted about it.
    await until_at_rest(house)
    async with unnoticed(house):
        for name, case in zip(names, cases, strict=True):
            await PLANTS[name](case)
        await asyncio.sleep(SETTLE)
    return cases


async def _traffic(house: House) -> None:
    for _ in range(4):
        invoice = await house.sent_invoice()
        await house.watch.wait(invoice, "posted")
        await house.pay(invoice, "113.00")


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
    # All pages, one more for what other tests wrote, and again those that were not known to be
    # staged when the worker was killed. Who starts over reads twice PAGES.
    assert await _listings(house) < before + 2 * PAGES - 1
