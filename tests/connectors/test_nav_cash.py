"""Cash in NAV, over HTTP against the stand-in: paid, applied, unapplied, reversed, credited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import cast

import pytest

from connectors.errors import Rejected
from connectors.nav.adapter import NavTarget
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from tests.connectors.nav_books import (
    DAY,
    Books,
    connected,
    customer_record,
    figures,
    key,
    line,
    nav_books,
    payment_record,
    sales_record,
)

_INVOICE = key(Kind.INVOICE)
_PAYMENT = key(Kind.PAYMENT)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books) as target:
        yield target


async def _customer(nav: NavTarget, source_id: str = "500", **fields: str) -> str:
    record = customer_record(**fields)
    return (await nav.create_customer(key(Kind.CUSTOMER, source_id), record)).number


async def _posted(nav: NavTarget, posting: Key, record: MappedRecord) -> Posting:
    created = await nav.create(posting, record)
    assert created.state is PostingState.CREATED
    assert created.figures == record.expected
    return await nav.post(posting)


async def _invoice(nav: NavTarget, customer: str, posting: Key = _INVOICE) -> Posting:
    record = sales_record(customer, (line("100.00"),), figures("100.00", "19.00"))
    return await _posted(nav, posting, record)


async def test_a_payment_settles_part_and_another_the_rest(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    invoice = await _invoice(nav, customer)
    assert invoice.number
    part = Money.of("19.00", "EUR")
    first = await _posted(nav, _PAYMENT, payment_record(customer, part, invoice.number))
    assert (first.state, first.remaining) == (PostingState.POSTED, Money.zero("EUR"))
    assert first.applied_to == (invoice.number,)
    assert (await nav.lookup(_INVOICE)).remaining == Money.of("100.00", "EUR")

    rest = Money.of("100.00", "EUR")
    second_key = key(Kind.PAYMENT, "1000002")
    await _posted(nav, second_key, payment_record(customer, rest, invoice.number))
    assert (await nav.lookup(_INVOICE)).is_settled
    assert len(await books.journal(kind="payment")) == 2


async def test_a_payment_line_is_reserved_filled_and_posted_once(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    record = payment_record(customer, Money.of("5.00", "USD"))
    created = await nav.create(_PAYMENT, record)
    assert await nav.lookup(_PAYMENT) == created
    assert await nav.create(_PAYMENT, record) == created
    posted = await nav.post(_PAYMENT)
    assert posted.remaining == Money.of("5.00", "USD")
    assert await nav.post(_PAYMENT) == posted
    assert await nav.create(_PAYMENT, record) == posted
    (row,) = await books.journal(kind="payment")
    assert (row["key"], row["amount"], row["state"]) == (_PAYMENT.text(), "5.00", "posted")


async def test_a_discarded_payment_line_is_gone(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    await nav.create(_PAYMENT, payment_record(customer, Money.of("5.00", "USD")))
    await nav.discard(_PAYMENT)
    assert (await nav.lookup(_PAYMENT)).state is PostingState.ABSENT
    assert await books.journal(kind="payment") == []


async def test_an_unapplied_payment_is_applied_unapplied_and_applied_again(
    nav: NavTarget,
) -> None:
    customer = await _customer(nav)
    invoice = await _invoice(nav, customer)
    amount = Money.of("119.00", "EUR")
    loose = await _posted(nav, _PAYMENT, payment_record(customer, amount))
    assert (loose.remaining, loose.applied_to) == (amount, ())
    for _ in range(2):
        applied = await nav.apply(_PAYMENT, str(invoice.number))
        assert applied.applied_to == (invoice.number,)
        assert (await nav.lookup(_INVOICE)).is_settled
    for _ in range(2):
        assert (await nav.unapply(_PAYMENT)).applied_to == ()
        assert (await nav.lookup(_INVOICE)).remaining == invoice.remaining
    assert (await nav.apply(_PAYMENT, str(invoice.number))).is_settled


async def test_a_part_of_a_payment_is_applied_and_taken_back_from_one_invoice_only(
    nav: NavTarget,
) -> None:
    customer = await _customer(nav)
    other_key = key(Kind.INVOICE, "1000002")
    first = str((await _invoice(nav, customer)).number)
    second = str((await _invoice(nav, customer, other_key)).number)
    await _posted(nav, _PAYMENT, payment_record(customer, Money.of("150.00", "EUR")))
    part = Money.of("100.00", "EUR")
    for _ in range(2):
        assert (await nav.apply(_PAYMENT, first, part)).remaining == Money.of("50.00", "EUR")
    both = await nav.apply(_PAYMENT, second)
    assert set(both.applied_to) == {first, second}
    assert (await nav.lookup(_INVOICE)).remaining == Money.of("19.00", "EUR")

    for _ in range(2):
        left = await nav.unapply(_PAYMENT, first)
        assert (left.applied_to, left.remaining) == ((second,), part)
    assert (await nav.lookup(_INVOICE)).remaining == Money.of("119.00", "EUR")
    assert (await nav.lookup(other_key)).remaining == Money.of("69.00", "EUR")


async def test_a_payment_posted_by_hand_is_found_by_its_number(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    amount = Money.of("119.00", "EUR")
    manual = payment_record(customer, amount).header
    await _post_by_hand(nav, books, {**manual, "Document_No": "BANK-1"})
    found = await nav.lookup_number(_PAYMENT, "BANK-1")
    assert (found.state, found.number, found.remaining) == (
        PostingState.POSTED,
        "BANK-1",
        amount,
    )
    assert (await nav.lookup_number(_PAYMENT, "BANK-2")).state is PostingState.ABSENT
    assert (await nav.lookup_number(_INVOICE, "BANK-1")).state is PostingState.ABSENT


async def test_an_invoice_is_found_by_its_number(nav: NavTarget) -> None:
    invoice = await _invoice(nav, await _customer(nav))
    assert await nav.lookup_number(_INVOICE, str(invoice.number)) == invoice
    assert (await nav.lookup_number(_INVOICE, "PSI42")).state is PostingState.ABSENT


async def test_a_payment_is_not_applied_to_what_is_not_posted(nav: NavTarget) -> None:
    customer = await _customer(nav)
    await _posted(nav, _PAYMENT, payment_record(customer, Money.of("5.00", "USD")))
    with pytest.raises(Rejected) as raised:
        await nav.apply(_PAYMENT, "PSI42")
    assert raised.value.hold.cause == "applies-to-absent"


async def test_a_posted_payment_is_reversed_under_a_key_of_its_own(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    invoice = await _invoice(nav, customer)
    amount = Money.of("119.00", "EUR")
    await _posted(nav, _PAYMENT, payment_record(customer, amount, str(invoice.number)))
    reversal = _PAYMENT.of_kind(Kind.PAYMENT_REVERSAL)
    day = DAY + timedelta(days=3)
    done = await nav.reverse(_PAYMENT, reversal, day)
    assert (done.state, done.key, done.posting_date) == (PostingState.POSTED, reversal.text(), day)
    assert await nav.reverse(_PAYMENT, reversal, day) == done
    assert await nav.lookup(reversal) == done
    assert (await nav.lookup(_PAYMENT)).state is PostingState.REVERSED
    assert (await nav.lookup(_INVOICE)).remaining == amount
    assert len(await books.journal(kind="payment", key=reversal.text())) <= 1


async def test_a_payment_that_was_never_posted_cannot_be_reversed(nav: NavTarget) -> None:
    with pytest.raises(Rejected) as raised:
        await nav.reverse(_PAYMENT, _PAYMENT.of_kind(Kind.PAYMENT_REVERSAL), DAY)
    assert raised.value.hold.cause == "not-posted"


async def test_a_credit_memo_takes_an_invoice_back(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    invoice = await _invoice(nav, customer)
    reversal = _INVOICE.of_kind(Kind.INVOICE_REVERSAL)
    record = sales_record(
        customer,
        (line("100.00"),),
        figures("100.00", "19.00"),
        kind=Kind.INVOICE_REVERSAL,
        entity="credit_memo",
        Applies_to_Doc_Type="Invoice",
        Applies_to_Doc_No=str(invoice.number),
    )
    memo = await _posted(nav, reversal, record)
    assert memo.applied_to == (invoice.number,)
    assert memo.is_settled
    assert (await nav.lookup(_INVOICE)).is_settled
    assert len(await books.journal(kind="credit_memo", state="posted")) == 1


async def test_a_foreign_entry_of_the_same_amount_is_a_possible_duplicate(
    nav: NavTarget, books: Books
) -> None:
    customer = await _customer(nav)
    ours = await _invoice(nav, customer)
    manual = payment_record(customer, Money.of("119.00", "EUR")).header
    assert ours.figures
    found = await nav.find_similar(customer, ours.figures.total, DAY, 3)
    assert found == [], "our own postings are no duplicates"
    await _post_by_hand(nav, books, {**manual, "Document_No": "BANK-1"})
    (foreign,) = await nav.find_similar(customer, ours.figures.total, DAY, 3)
    assert (foreign.kind, foreign.number) == (Kind.PAYMENT, "BANK-1")
    assert await nav.find_similar(customer, ours.figures.total, date(2025, 1, 1), 3) == []
    assert await nav.find_similar(customer, Money.of("119.00", "USD"), DAY, 3) == []


async def _post_by_hand(nav: NavTarget, books: Books, fields: dict[str, str | bool]) -> None:
    """A clerk's line in the same batch, with a reference that is not ours."""
    amount = cast("str", fields["Amount"])
    line_fields = {
        **fields,
        "Journal_Template_Name": "CASHRCPT",
        "Journal_Batch_Name": "TIEOUT",
        "Line_No": 77,
        "External_Document_No": "STATEMENT 7",
        "Amount": float(amount),
    }
    await books.clerk("CashReceiptJournal", line_fields)
    await nav._company.codeunit.call(
        "PostJournalLine",
        "post by hand",
        templateName="CASHRCPT",
        batchName="TIEOUT",
        externalKey="STATEMENT 7",
    )
