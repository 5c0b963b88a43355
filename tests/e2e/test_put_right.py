"""What two people decided about breaks is carried out once, although its worker is killed."""

from __future__ import annotations

import asyncio

import pytest

from documents.key import Key, Kind
from documents.tieout import Break, BreakState, BreakType
from policies.tieout.verdict import COUNTED
from tests.bookkeeper import Row
from tests.e2e.house import TODAY, House
from tests.e2e.tie_outs import SETTLE, breaks, decided_by_two, no_sweep, tie_out, unnoticed, until
from workers.demo.people import Line

CONNECTION, TAG = "lane-3", "L3"
SLOW = 1.5
"""Longer than a worker needs to be killed in."""

pytestmark = pytest.mark.timeout(200)


async def test_a_killed_worker_reverses_and_writes_off_once_and_then_they_tie(
    house: House,
) -> None:
    lane = house.on(CONNECTION)
    twice, edited = [await _posted(lane) for _ in range(2)]
    async with no_sweep(lane), lane.books() as books:
        async with unnoticed(lane):
            entry = await _entry(lane, Kind.INVOICE, twice)
            number = await lane.number(twice)
            await books.invoice(entry["Customer_No"], "113.00", TODAY, number)
            await lane.clerk.change_lines(edited, "USD", [Line("Advice", "1", "112.60")])
            await asyncio.sleep(SETTLE)
        await tie_out(lane)
        found = await _of(lane, twice, edited)
        wanted = [BreakType.AMOUNT, BreakType.DUPLICATE_IN_TARGET]
        assert [each.type for each in found] == wanted, [(b.break_id, b.how) for b in found]
        amount, duplicate = found
        await house.fault(
            system="nav", method="POST", path=".*Codeunit.*", fault="delay", delay=SLOW, times=6
        )
        await decided_by_two(lane, amount, "write off")
        await decided_by_two(lane, duplicate, "reverse")
        await until(lambda: _is_hit(house))
        house.kill("worker")
        await until(lambda: _are_closed(lane, twice, edited))
        await house.no_faults()
        assert len(await _entries(lane, Kind.DUPLICATE_REVERSAL, twice)) == 1
        (line,) = await _entries(lane, Kind.WRITE_OFF, edited)
        assert str(line["Amount"].normalize()) == "-0.4"
        await tie_out(lane)
    assert [b.break_id for b in await _of(lane, twice, edited, *COUNTED)] == []


async def _posted(lane: House) -> int:
    invoice = await lane.sent_invoice()
    await lane.watch.wait(invoice, "posted")
    return invoice


async def _entries(lane: House, kind: Kind, invoice: int) -> list[Row]:
    key = Key(tag=TAG, kind=kind, source_id=str(invoice)).text()
    async with lane.books() as books:
        return await books.rows("CustomerLedgerEntries", External_Document_No=key)


async def _entry(lane: House, kind: Kind, invoice: int) -> Row:
    (found,) = await _entries(lane, kind, invoice)
    return found


async def _of(lane: House, twice: int, edited: int, *states: BreakState) -> list[Break]:
    matches = (f"invoice/{twice}", f"invoice/{edited}")
    return [each for each in await breaks(lane, *states) if each.match in matches]


async def _is_hit(house: House) -> bool:
    await asyncio.sleep(SLOW / 4)
    return bool(await house.fault_hits())


async def _are_closed(lane: House, twice: int, edited: int) -> bool:
    found = await _of(lane, twice, edited)
    done = ("written off by", "reversed by")
    return all(b.state is BreakState.CLOSED and b.how.startswith(done) for b in found)
