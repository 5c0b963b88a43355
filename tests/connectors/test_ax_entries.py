"""An entry of AX that stands twice is taken back by its voucher, whoever posted it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.errors import Rejected
from connectors.listings import Scope
from documents.key import Kind
from documents.ledger import BookKind, Mark
from documents.money import Money
from documents.posting import PostingState
from tests.connectors.ax_books import DAY, Books, ax_books, key
from tests.connectors.test_ax_listing import a_customer, a_payment, an_invoice

PAYMENT = key(Kind.PAYMENT, "9")
BACK = PAYMENT.taking_back(1)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        yield found


async def test_a_receipt_is_unsettled_and_reversed_under_a_key_of_its_own(books: Books) -> None:
    async with books.target(posting="service") as ax:
        customer = await a_customer(ax)
        invoice = await an_invoice(ax, customer, "1", "100.00")
        paid = await a_payment(ax, customer, "9", "50.00", str(invoice.number))
        for _ in range(2):
            done = await ax.reverse_entry(PAYMENT, paid.number or "", BACK, DAY)
            assert (done.state, done.key) == (PostingState.POSTED, BACK.text())
        left = (await ax.lookup(key(Kind.INVOICE, "1"))).remaining
        assert left == Money.of("119.00", "EUR")
        lines = await ax.ledger.entries_of(Scope(tag="FB"), "payment/9", 1)
        assert {(line.kind, line.marks) for line in lines} == {
            (BookKind.PAYMENT, Mark.REVERSED),
            (BookKind.PAYMENT, Mark.REVERSAL),
        }


async def test_what_no_service_reverses_is_refused_with_what_people_have_to_do(
    books: Books,
) -> None:
    async with books.target(service=False) as ax:
        with pytest.raises(Rejected) as receipt:
            await ax.reverse_entry(PAYMENT, "CPV-1", BACK, DAY)
    assert "Reverse the payment in AX by hand" in receipt.value.hold.remedy
    credit = key(Kind.CREDIT_NOTE, "9")
    async with books.target(posting="service") as ax:
        with pytest.raises(Rejected) as note:
            await ax.reverse_entry(credit, "FTI-1", credit.taking_back(1), DAY)
    assert "free text invoice of the same lines" in note.value.hold.remedy
