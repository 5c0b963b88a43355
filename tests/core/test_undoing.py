"""An invoice that stands twice is taken back, whatever became of an earlier attempt."""

from __future__ import annotations

from datetime import timedelta

from documents.tieout import BreakState
from tests.core.decided import Decided
from tests.core.desk import TODAY, Desk


async def test_a_credit_memo_whose_day_was_closed_since_it_was_prepared_takes_an_open_day(
    desk: Desk,
) -> None:
    people, books = Decided.beside(desk), desk.site.books
    invoice = await desk.sent()
    assert (await desk.driver.invoice(invoice)).stage == "posted"
    (original,) = await books.rows("CustomerLedgerEntries")
    await books.invoice(original["Customer_No"], "100.00", TODAY)
    entry = (await books.rows("CustomerLedgerEntries"))[-1]
    twice = await people.twice(invoice, entry)
    await people.reversed(twice)
    await books.change("GLAccounts", "'4000'", Blocked=True)
    assert "not taken back" in (await people.carried_out(twice)).how
    await books.change("GLAccounts", "'4000'", Blocked=False)
    later = (TODAY.replace(day=1) + timedelta(days=40)).replace(day=3)
    await books.allow_posting(later.replace(day=1))
    people.now += later - TODAY
    await people.reversed(twice)
    done = await people.carried_out(twice)
    assert "reversed by" in done.how
    assert (await people.read(twice)).state is BreakState.CLOSED
    memo = (await books.rows("CustomerLedgerEntries"))[-1]
    assert (memo["Amount"], memo["Posting_Date"]) == (-100, later.isoformat())
    assert memo["Remaining_Amount"] == 0
