"""After a write-off both sides tell the same story, in the tie-out's own words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from documents.key import Kind
from documents.tieout import BreakState, BreakType
from policies.tieout.settings import TieOutPolicy
from policies.tieout.verdict import verdict
from tests.core.decided import PERIOD, Decided
from tests.core.desk import Desk, advice
from tests.core.tied import breaks, tied_out
from workers.tieout.report import load, written_off_cells

POLICY = TieOutPolicy(write_off_account="6500", write_off_period_limit=Decimal(5), settle_seconds=0)


async def _apart(desk: Desk, amount: str) -> int:
    """An invoice that was posted over 100.00 and is over another amount at the source since."""
    desk.site.connection.tie_out = POLICY
    invoice = await desk.sent()
    await desk.driver.invoice(invoice)
    await desk.site.clerk.change_lines(invoice, "USD", advice(amount))
    await desk.driver.invoice(invoice)
    return invoice


@pytest.mark.parametrize("amount", ["99.60", "100.40"], ids=["a credit", "a debit"])
async def test_a_period_ties_to_the_cent_once_its_difference_is_written_off(
    desk: Desk, amount: str
) -> None:
    people, invoice = Decided.beside(desk), await _apart(desk, amount)
    assert not verdict(await tied_out(desk)).is_tied
    (found,) = await breaks(desk, BreakState.OPEN)
    assert (found.type, found.difference) == (BreakType.AMOUNT, 100 - Decimal(amount))
    await people.written_off(found)
    await people.carried_out(found)
    summary = await tied_out(desk)
    assert str(verdict(summary)) == "ties to the cent"
    assert all(total.ties for total in summary.totals), summary.totals
    assert summary.movements_that_differ == 0
    report = await load(desk.site.store, found.connection, PERIOD, people.now)
    assert written_off_cells(report) == [["USD", "booked as a write-off", 1, found.difference]]
    await desk.paid(invoice, amount)
    assert (await desk.driver.invoice(invoice)).stage == "closed"
    assert str(verdict(await tied_out(desk))) == "ties to the cent"
    assert await breaks(desk, BreakState.OPEN) == []


async def test_a_difference_is_a_break_again_once_its_write_off_is_taken_back(desk: Desk) -> None:
    people = Decided.beside(desk)
    await _apart(desk, "99.60")
    await tied_out(desk)
    (found,) = await breaks(desk, BreakState.OPEN)
    await people.written_off(found)
    await people.carried_out(found)
    await people.reversed(found)
    # What people are about to take back is not closed by a run that finds both sides agreeing.
    assert not verdict(await tied_out(desk)).is_tied
    await people.carried_out(found)
    assert not verdict(await tied_out(desk)).is_tied
    (again,) = await breaks(desk, BreakState.OPEN)
    assert (again.break_id, again.difference) == (found.break_id, found.difference)


async def test_a_write_off_whose_invoice_is_voided_is_a_break_that_is_put_right(
    desk: Desk,
) -> None:
    people, invoice = Decided.beside(desk), await _apart(desk, "99.60")
    await tied_out(desk)
    (found,) = await breaks(desk, BreakState.OPEN)
    await people.written_off(found)
    await people.carried_out(found)
    await desk.site.clerk.void_invoice(invoice)
    await desk.driver.invoice(invoice)
    await tied_out(desk)
    (alone,) = await breaks(desk, BreakState.OPEN)
    assert (alone.type, alone.cause) == (BreakType.ORPHAN, "written-off-alone")
    assert alone.target_number == desk.key(Kind.WRITE_OFF, invoice).text()
    await people.reversed(alone)
    assert "reversed by" in (await people.carried_out(alone)).how
    await tied_out(desk)
    assert await breaks(desk, BreakState.OPEN) == []
    entries = await desk.site.books.rows("CustomerLedgerEntries")
    assert [row["Document_No"] for row in entries if row["Remaining_Amount"]] == []


async def test_a_receipt_that_was_entered_twice_is_found_reversed_and_ties(desk: Desk) -> None:
    desk.site.connection.tie_out = POLICY
    people, books = Decided.beside(desk), desk.site.books
    invoice = await desk.sent()
    await desk.paid(invoice, "100.00")
    await desk.driver.invoice(invoice)
    row = await desk.row(invoice)
    await books.receipt(row.target_party, "100.00", people.now.date(), number=row.source_number)
    await tied_out(desk)
    (twice,) = await breaks(desk, BreakState.OPEN)
    assert (twice.type, twice.match.split("/")[0]) == (BreakType.DUPLICATE_IN_TARGET, "payment")
    await people.reversed(twice)
    assert "reversed by" in (await people.carried_out(twice)).how
    summary = await tied_out(desk)
    assert str(verdict(summary)) == "ties to the cent"
