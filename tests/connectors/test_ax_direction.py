"""Which way a document moves what is owed, and which transaction is its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from connectors.ax.ledger import _belongs
from connectors.ax.postings import require_direction
from connectors.errors import Rejected
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from tests.connectors.ax_books import (
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
    payment_record,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_INVOICE = {
    "InvoiceId": "INV1",
    "LedgerVoucher": "V1",
    "InvoiceAccount": "C1",
    "CurrencyCode": "EUR",
    "InvoiceDate": "2026-03-02",
}
_TRANSACTION = {
    "Invoice": "INV1",
    "Voucher": "V1",
    "AccountNum": "C1",
    "CurrencyCode": "EUR",
    "TransDate": "2026-03-02",
    "TransType": "Sales",
}


def row(values: dict[str, str]) -> _Element:
    root = etree.Element("Row")
    for name, text in values.items():
        etree.SubElement(root, name).text = text
    return root


@pytest.mark.parametrize("service", [True, False], ids=["custom service", "ports"])
async def test_a_reversal_with_the_sign_of_an_invoice_is_held_and_not_posted(
    service: bool,
) -> None:
    async with (
        ax_books(posting_after=3600.0 if service else 0.0) as books,
        books.target(service=service, posting="service" if service else "operator") as ax,
    ):
        number = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
        wrong = invoice_record(
            number, (line("119.00"),), figures("119.00"), kind=Kind.INVOICE_REVERSAL
        )
        with pytest.raises(Rejected, match="wrong-direction"):
            for _ in range(100):
                await ax.create(key(Kind.INVOICE_REVERSAL), wrong)
        posted = await books.journal(kind="invoice", state="posted")
        assert not (service and posted)


@pytest.mark.parametrize("service", [True, False], ids=["custom service", "ports"])
async def test_what_is_posted_the_right_way_is_read_with_its_open_amount(service: bool) -> None:
    posting = "service" if service else "operator"
    async with ax_books() as books, books.target(service=service, posting=posting) as ax:
        number = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
        credit = invoice_record(
            number,
            (line("119.00", Quantity="-1"),),
            figures("119.00"),
            kind=Kind.INVOICE_REVERSAL,
        )
        paid = payment_record(number, Money.of("50.00", "EUR"))
        for kind, record, amount in (
            (Kind.INVOICE_REVERSAL, credit, "119.00"),
            (Kind.PAYMENT, paid, "50.00"),
        ):
            one = key(kind)
            await ax.create(one, record)
            found = await ax.post(one)
            while found.state is not PostingState.POSTED:
                await asyncio.sleep(0.01)
                found = await ax.post(one)
            assert found.remaining == Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (Kind.INVOICE, -1),
        (Kind.CREDIT_NOTE, 1),
        (Kind.INVOICE_REVERSAL, 1),
        (Kind.LATE_FEE, -1),
        (Kind.LATE_FEE_REVERSAL, 1),
        (Kind.CREDIT_NOTE_REVERSAL, -1),
        (Kind.PAYMENT, 1),
        (Kind.PAYMENT_REVERSAL, -1),
        (Kind.PREPAYMENT, 1),
        (Kind.PREPAYMENT_REVERSAL, -1),
        (Kind.REFUND, -1),
        (Kind.REFUND_REVERSAL, 1),
    ],
)
def test_every_kind_has_one_direction(kind: Kind, amount: int) -> None:
    require_direction(key(kind), Money.of(-amount, "EUR").amount, "V1")
    require_direction(key(kind), Money.zero("EUR").amount, "V1")
    with pytest.raises(Rejected, match="wrong-direction"):
        require_direction(key(kind), Money.of(amount, "EUR").amount, "V1")


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("AccountNum", "C2"),
        ("TransDate", "2027-03-02"),
        ("Invoice", "INV2"),
        ("CurrencyCode", "USD"),
        ("TransType", "Payment"),
    ],
)
def test_a_voucher_that_comes_again_belongs_to_another_invoice(field: str, other: str) -> None:
    assert _belongs(row(_TRANSACTION), row(_INVOICE))
    assert not _belongs(row({**_TRANSACTION, field: other}), row(_INVOICE))
