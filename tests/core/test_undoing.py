"""What stands twice is taken back once, whatever became of an earlier attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from documents.key import Kind
from documents.tieout import Break, BreakState
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


async def _paid_twice(desk: Desk, people: Decided) -> tuple[Break, int]:
    """A payment that is posted, and was entered by hand as well and applied to the invoice."""
    invoice = await desk.sent()
    payment = await desk.paid(invoice, "60.00")
    await desk.driver.invoice(invoice)
    row = await desk.row(invoice)
    books = desk.site.books
    number = await books.receipt(row.target_party, "60.00", TODAY, settles=row.target_number)
    (entry,) = await books.rows("CustomerLedgerEntries", Document_No=number)
    return await people.twice(payment, entry, Kind.PAYMENT), payment


async def test_a_receipt_that_stands_twice_is_reversed_with_its_bank_and_what_it_settled(
    desk: Desk,
) -> None:
    people, books = Decided.beside(desk), desk.site.books
    twice, payment = await _paid_twice(desk, people)
    await people.reversed(twice)
    done = await people.carried_out(twice)
    key = desk.key(Kind.PAYMENT, payment).taking_back(1)
    assert done.how.startswith(f"reversed by {key}; proposed by Ada")
    assert (await people.read(twice)).state is BreakState.CLOSED
    entries = await books.rows("CustomerLedgerEntries")
    live = [row for row in entries if not row["Reversed"]]
    assert [(row["Amount"], row["Remaining_Amount"]) for row in live] == [(100, 40), (-60, 0)]
    banked = sum(row["Amount"] for row in await books.rows("BankAccountLedgerEntries"))
    assert banked == 60


async def test_a_reversal_of_a_receipt_whose_reply_was_lost_is_found(desk: Desk) -> None:
    people, books = Decided.beside(desk), desk.site.books
    twice, _ = await _paid_twice(desk, people)
    approved = await people.reversed(twice)
    await people.carried_out(twice)
    await desk.site.store.breaks.save(approved, was=await people.read(twice))
    assert "reversed by" in (await people.carried_out(twice)).how
    assert len([r for r in await books.rows("CustomerLedgerEntries") if r["Reversed"]]) == 2


async def test_a_receipt_that_the_bank_reconciliation_matched_stays(desk: Desk) -> None:
    people, books = Decided.beside(desk), desk.site.books
    twice, _ = await _paid_twice(desk, people)
    await books.reconcile(twice.target_number)
    await people.reversed(twice)
    assert "Undo the bank reconciliation in NAV" in (await people.carried_out(twice)).how
    assert (await people.read(twice)).state is BreakState.OPEN
    (entry,) = await books.rows("CustomerLedgerEntries", Document_No=twice.target_number)
    assert (entry["Reversed"], entry["Remaining_Amount"]) == (False, -20)


async def test_the_only_receipt_of_a_payment_is_no_duplicate(desk: Desk) -> None:
    people = Decided.beside(desk)
    invoice = await desk.sent()
    payment = await desk.paid(invoice, "60.00")
    await desk.driver.invoice(invoice)
    key = desk.key(Kind.PAYMENT, payment).text()
    (entry,) = await desk.site.books.rows("CustomerLedgerEntries", External_Document_No=key)
    twice = await people.twice(payment, entry, Kind.PAYMENT)
    await people.reversed(twice)
    assert "it does not stand twice" in (await people.carried_out(twice)).how


@pytest.mark.parametrize("by_journal", [True, False])
async def test_a_credit_that_stands_twice_is_reversed_or_told_how_to_be_corrected(
    desk: Desk, by_journal: bool
) -> None:
    people, books, clerk = Decided.beside(desk), desk.site.books, desk.site.clerk
    client = await clerk.add_client("Northwind", "ap@northwind.example")
    notes = [await clerk.write_credit(client, "USD", TODAY, "goodwill", "25.00") for _ in "ab"]
    for credit in notes:
        await desk.driver.credit(credit)
    first, other = [await desk.row(credit, Kind.CREDIT_NOTE) for credit in notes]
    number = other.target_number
    if by_journal:
        number = await books.credit(first.target_party, "25.00", TODAY)
    (entry,) = await books.rows("CustomerLedgerEntries", Document_No=number)
    twice = await people.twice(notes[0], entry, Kind.CREDIT_NOTE)
    await people.reversed(twice)
    done = await people.carried_out(twice)
    (entry,) = await books.rows("CustomerLedgerEntries", Document_No=number)
    assert entry["Reversed"] is by_journal
    told = "reversed by" if by_journal else "post an invoice of the same lines and apply both"
    assert told in done.how
