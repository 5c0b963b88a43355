"""Documents of before the cut-over are linked to NAV's own entries, never posted."""

from __future__ import annotations

import pytest

from documents.key import Kind
from documents.row import Action, DocumentState
from tests.opening.history import History


async def _ledger(history: History) -> list[tuple[str, str]]:
    """Every entry of the customer by number and amount: what must not grow by linking."""
    return sorted((row["Document_No"], str(row["Amount"])) for row in await history.entries())


async def test_an_open_invoice_is_linked_by_number_party_currency_and_amount(
    history: History,
) -> None:
    invoice = await history.invoice("250.00", history.before)
    number = await history.number(invoice)
    await history.site.books.invoice(history.customer, "250.00", history.before, number)
    before = await _ledger(history)
    status = await history.driver.invoice(invoice)
    assert (status.stage, status.steps) == ("posted", ["link invoice"])
    row = await history.row(invoice)
    assert (row.state, row.target_number) == (DocumentState.POSTED, number)
    assert await _ledger(history) == before


async def test_a_payment_since_the_cut_over_settles_the_linked_entry(history: History) -> None:
    invoice = await history.invoice("250.00", history.before)
    await history.pay(invoice, "100.00", history.before)
    number = await history.number(invoice)
    # Only what was open was taken over into the books.
    await history.site.books.invoice(history.customer, "150.00", history.before, number)
    payment = await history.pay(invoice, "150.00", history.after)
    status = await history.driver.invoice(invoice)
    assert (status.stage, status.steps) == ("closed", ["link invoice", "post payment"])
    (entry,) = await history.entries(Document_No=number)
    assert entry["Remaining_Amount"] == 0
    assert (await history.row(payment, Kind.PAYMENT)).state is DocumentState.POSTED


async def test_a_payment_of_before_the_cut_over_is_counted_as_ignored(history: History) -> None:
    invoice = await history.invoice("250.00", history.before)
    payment = await history.pay(invoice, "100.00", history.before)
    number = await history.number(invoice)
    await history.site.books.invoice(history.customer, "250.00", history.before, number)
    await history.site.books.receipt(history.customer, "100.00", history.before, settles=number)
    assert (await history.driver.invoice(invoice)).stage == "posted"
    row = await history.row(payment, Kind.PAYMENT)
    assert (row.state, row.reason) == (
        DocumentState.IGNORED,
        "dated before the cut-over: the opening balance contains it",
    )


async def test_an_invoice_that_was_settled_before_is_ignored(history: History) -> None:
    invoice = await history.invoice("250.00", history.before)
    await history.pay(invoice, "250.00", history.before)
    assert (await history.driver.invoice(invoice)).stage == "ignored"


@pytest.mark.parametrize(
    ("amount", "number"), [("251.00", ""), ("250.00", "SOMETHING ELSE"), ("", "")]
)
async def test_what_does_not_agree_is_held_and_names_what_comes_near(
    history: History, amount: str, number: str
) -> None:
    invoice = await history.invoice("250.00", history.before)
    own = await history.number(invoice)
    if amount:
        await history.site.books.invoice(history.customer, amount, history.before, number or own)
    before = await _ledger(history)
    status = await history.driver.invoice(invoice)
    assert (status.stage, status.cause) == ("held", "opening-entry-missing")
    assert own in status.reason
    assert number in status.reason
    assert await _ledger(history) == before


async def test_a_held_one_is_adopted_by_the_number_that_a_person_names(history: History) -> None:
    invoice = await history.invoice("250.00", history.before)
    await history.site.books.invoice(history.customer, "250.00", history.before, "OLD-77")
    assert (await history.driver.invoice(invoice)).cause == "opening-entry-missing"
    status = await history.driver.decide(Kind.INVOICE, invoice, Action.ADOPT, "OLD-77")
    assert status.stage == "posted"
    assert (await history.row(invoice)).target_number == "OLD-77"


async def test_two_documents_never_share_an_entry(history: History) -> None:
    """Both credits are of the same amount, and there is one entry of it."""
    await history.site.books.receipt(history.customer, "70.00", history.before)
    notes = [await history.credit("70.00", history.before, "prepayment") for _ in range(2)]
    first = await history.driver.credit(notes[0])
    second = await history.driver.credit(notes[1])
    assert (first.stage, second.stage, second.cause) == ("closed", "held", "number-taken")


async def test_unapplied_cash_is_linked_and_its_use_is_left_to_people(history: History) -> None:
    receipt = await history.site.books.receipt(history.customer, "70.00", history.before)
    credit = await history.credit("70.00", history.before, "prepayment")
    assert (await history.driver.credit(credit)).stage == "closed"
    assert (await history.row(credit, Kind.CREDIT_NOTE)).target_number == receipt

    invoice = await history.invoice("70.00", history.after)
    assert (await history.driver.invoice(invoice)).stage == "posted"
    posted = (await history.row(invoice)).target_number
    await history.pay(invoice, "70.00", history.after, "Credit")
    held = await history.driver.invoice(invoice)
    assert (held.stage, held.cause) == ("held", "apply-by-hand")
    await history.site.books.apply(receipt, posted)
    assert (await history.driver.invoice(invoice)).stage == "closed"


async def test_a_goodwill_credit_is_linked_by_its_number(history: History) -> None:
    credit = await history.credit("30.00", history.before, "goodwill")
    note = await history.site.source.credit_note(str(credit))
    assert note is not None
    number = note.number
    await history.site.books._journal(
        "Credit Memo", history.customer, "-30.00", history.before, "6500", "", number
    )
    before = await _ledger(history)
    status = await history.driver.credit(credit)
    assert (status.stage, status.steps) == ("closed", ["link credit note"])
    assert await _ledger(history) == before
