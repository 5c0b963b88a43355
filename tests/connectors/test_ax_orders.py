"""Sales orders: one per key, and never one of type Journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import Misconfigured, Rejected
from documents.key import Kind
from documents.posting import PostingState
from documents.record import FieldValue, MappedRecord
from tests.connectors.ax_books import DAY, Books, ax_books, customer_record, figures, key
from workers.wiring import load_mapper

INVOICE = key(Kind.INVOICE)
PORTS = {"sales_order": "SalesOrderService"}


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        yield found


def order(customer: str, **header: FieldValue) -> MappedRecord:
    fields: dict[str, FieldValue] = {
        "CustAccount": customer,
        "CustomerRef": "2026-0001",
        "CurrencyCode": "EUR",
        "ReceiptDateRequested": DAY.isoformat(),
        "TaxGroup": "TAX",
        **header,
    }
    item: dict[str, FieldValue] = {
        "ItemId": "SERVICE",
        "SalesQty": "1",
        "SalesPrice": "100.00",
        "SalesUnit": "hr",
        "TaxItemGroup": "VAT19",
    }
    return MappedRecord(
        kind=Kind.INVOICE,
        entity="sales_order",
        header=fields,
        lines=(item,),
        expected=figures("100.00", "19.00"),
    )


async def customer(ax: AxTarget) -> str:
    return (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number


async def test_a_sales_order_is_made_once_posted_and_found_as_its_invoice(books: Books) -> None:
    async with books.target(document="sales_order", ports=PORTS, posting="service") as ax:
        record = order(await customer(ax))
        created = await ax.create(INVOICE, record)
        assert created.figures == record.expected
        assert created.number is not None and created.number.startswith("SO")
        assert await ax.create(INVOICE, record) == created
        posted = await ax.post(INVOICE)
        assert posted.state is PostingState.POSTED
        assert posted.number is not None and posted.number.startswith("INV")
        assert await ax.create(INVOICE, record) == posted
    async with books.target(service=False, document="sales_order", ports=PORTS) as plain:
        assert await plain.lookup(INVOICE) == posted
    assert len(await books.journal(kind="order")) + len(await books.journal(kind="invoice")) == 1


async def test_a_repeated_purchase_order_number_is_looked_up_and_never_sent(books: Books) -> None:
    target = books.target(service=False, document="sales_order", ports=PORTS)
    async with target as ax:
        number = await customer(ax)
        first = await ax.create(INVOICE, order(number))
        again = await ax.create(INVOICE, order(number, CustomerRef="another record"))
        assert again.number == first.number
        second = key(Kind.INVOICE, generation=2)
        assert (await ax.create(second, order(number))).number != first.number


async def test_a_journal_order_that_others_made_with_our_number_is_a_hold(books: Books) -> None:
    target = books.target(service=False, document="sales_order", ports=PORTS)
    async with target as ax:
        record = order(await customer(ax), SalesType="Journal")
        with pytest.raises(Rejected) as caught:
            await ax.create(INVOICE, record)
        assert caught.value.hold.cause == "journal-order"


@pytest.mark.parametrize("posting", ["service", "operator", "ports"])
async def test_an_order_that_people_cancelled_is_told_and_gives_way(
    books: Books, posting: str
) -> None:
    """It was taken for one that waits to be invoiced, for ever."""
    service = posting != "ports"
    changes = {"posting": posting} if service else {}
    target = books.target(service=service, document="sales_order", ports=PORTS, **changes)
    async with target as ax:
        record = order(await customer(ax))
        await ax.create(INVOICE, record)
        await books.person("cancel", key=INVOICE.text())
        found = await ax.lookup(INVOICE)
        assert (found.state, found.reason) == (PostingState.REJECTED, "The order was canceled.")
        with pytest.raises(Rejected) as caught:
            await ax.post(INVOICE)
        assert "canceled" in caught.value.hold.reason
        if service:
            await ax.discard(INVOICE)
            assert (await ax.lookup(INVOICE)).state is PostingState.ABSENT


async def test_a_void_of_an_order_is_an_order_of_negative_quantity(books: Books) -> None:
    async with books.target(document="sales_order", ports=PORTS, posting="service") as ax:
        record = order(await customer(ax))
        await ax.create(INVOICE, record)
        await ax.post(INVOICE)
        void = key(Kind.INVOICE_REVERSAL)
        taken = tuple({**line, "SalesQty": "-1"} for line in record.lines)
        reversal = record.model_copy(update={"kind": Kind.INVOICE_REVERSAL, "lines": taken})
        created = await ax.create(void, reversal)
        assert created.figures == record.expected
        posted = await ax.post(void)
        assert posted.state is PostingState.POSTED
        assert posted.figures == record.expected


async def test_a_mapping_of_another_document_than_the_connection_says_is_refused() -> None:
    async with ax_books() as books:
        path = Path("config/mappings/freshbooks-ax.yaml")
        async with books.target() as invoices:
            assert (await load_mapper(path, invoices)).invoice_entity == "free_text_invoice"
        async with books.target(document="sales_order", ports=PORTS) as orders:
            with pytest.raises(Misconfigured, match="the connection sales_order"):
                await load_mapper(path, orders)
