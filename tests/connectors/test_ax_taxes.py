"""AX's tax for each tax code, as the custom service tells it before anything is posted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from connectors.ax.taxes import groups_of, taxes_of
from connectors.errors import Misconfigured
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.record import CodeTax, MappedRecord
from tests.connectors.ax_books import (
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
)

INVOICE = key(Kind.INVOICE)
_CODES = (
    CodeTax(code="A", tax=Money.of("19.00", "EUR"), lines=(1, 3)),
    CodeTax(code="B", tax=Money.of("0.70", "EUR"), lines=(2,)),
)


def _record(*groups: str, kind: Kind = Kind.INVOICE, customer: str = "C1") -> MappedRecord:
    sign = "-" if kind is Kind.CREDIT_NOTE else ""
    lines = tuple(
        line(amount, group, Quantity=f"{sign}1")
        for amount, group in zip(("60.00", "10.00", "40.00"), groups, strict=True)
    )
    record = invoice_record(customer, lines, figures("110.00", "19.70"), kind=kind)
    return record.model_copy(update={"taxes": _CODES})


def test_a_code_is_what_its_lines_were_sent_as() -> None:
    record = _record("VAT19", "VAT7", "vat19")
    assert groups_of(record) == {"A": {"vat19"}, "B": {"vat7"}}
    assert taxes_of(record, {"vat19": Decimal("19.00")}) == {
        "A": Money.of("19.00", "EUR"),
        "B": Money.zero("EUR"),
    }


def test_codes_that_share_a_group_cannot_be_told_apart_and_are_not_compared() -> None:
    assert groups_of(_record("VAT19", "VAT7", "VAT7")) == {}


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        yield found


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.CREDIT_NOTE])
async def test_ax_tells_the_tax_of_each_code_of_what_is_not_posted(
    books: Books, kind: Kind
) -> None:
    async with books.target(posting="service") as ax:
        customer = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
        record = _record("VAT19", "VAT7", "VAT19", kind=kind, customer=customer)
        made = await ax.create(key(kind), record)
        assert made.figures == record.expected
        assert made.taxes == {each.code: each.tax for each in _CODES}
        assert (await ax.post(key(kind))).state is PostingState.POSTED
        assert (await ax.create(key(kind), record)).taxes == {}


async def test_a_service_that_tells_no_taxes_is_told_before_anything_is_made(
    books: Books,
) -> None:
    async with books.target() as ax:
        assert await ax.check() == []
        customer = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
        node = (await ax._client.operation("TieoutService", "getInvoiceTotals")).response
        while "TaxItemGroup" not in (nodes := node.shape.nodes if node.shape else {}):
            node = nodes.get("TaxLines") or next(iter(nodes.values()))
        del nodes["TaxItemGroup"]
        (lacking,) = await ax.check()
        assert "target.tax_by_code" in lacking
        record = _record("VAT19", "VAT7", "VAT19", customer=customer)
        with pytest.raises(Misconfigured, match="getInvoiceTotals"):
            await ax.create(INVOICE, record)
        assert (await ax.lookup(INVOICE)).state is PostingState.ABSENT
    async with books.target(tax_by_code=False) as ax:
        assert (await ax.create(INVOICE, record)).taxes == {}
