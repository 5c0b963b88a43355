"""Ports that can only create: what AX does not show is never sent a second time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import OutcomeUnknown, Rejected
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.record import MappedRecord
from tests.connectors.ax_books import (
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
    payment_record,
)

INVOICE = key(Kind.INVOICE)
PAYMENT = key(Kind.PAYMENT, "5000001")
ONLY_CREATE = {"FreeTextInvoiceService": ["create"], "CustomerPaymentJournalService": ["create"]}


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(operations=ONLY_CREATE, custom_service=False) as found:
        await found.operator("wait")
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(service=False, settle_seconds=0.05, timeout=1.0) as target:
        assert await target.check() == []
        yield target


async def record(ax: AxTarget) -> MappedRecord:
    number = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
    return invoice_record(number, (line("119.00"),), figures("119.00"))


async def test_a_created_document_is_out_of_sight_and_stays_created_until_it_is_posted(
    books: Books, ax: AxTarget
) -> None:
    created = await ax.create(INVOICE, await record(ax))
    assert created.state is PostingState.CREATED
    assert created.number
    assert (await ax.lookup(INVOICE)).state is PostingState.ABSENT
    assert (await ax.post(INVOICE)).state is PostingState.CREATED
    await books.operator("auto")
    for _ in range(100):
        posted = await ax.post(INVOICE)
        if posted.state is PostingState.POSTED:
            break
        await asyncio.sleep(0.02)
    assert posted.figures == figures("119.00")
    assert (await ax.lookup(INVOICE)) == posted


async def test_a_repeat_is_refused_by_ax_and_counts_as_possibly_created(
    books: Books, ax: AxTarget
) -> None:
    sale = await record(ax)
    await books.fault(method="POST", path=".*FreeTextInvoice.*", fault="reset_after", times=1)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await ax.create(INVOICE, sale)
    await asyncio.sleep(1.2)
    with pytest.raises(OutcomeUnknown, match="seen this message"):
        await ax.create(INVOICE, sale)
    assert len(await books.journal(kind="invoice")) == 1
    await books.operator("auto")
    for _ in range(100):
        if (await ax.lookup(INVOICE)).state is PostingState.POSTED:
            break
        await asyncio.sleep(0.02)
    adopted = await ax.create(INVOICE, sale)
    assert adopted.state is PostingState.POSTED
    assert len(await books.journal(kind="invoice")) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_an_error_of_what_stands_before_ax_leaves_a_write_unknown(
    books: Books, ax: AxTarget, status: int
) -> None:
    """A 503 was read as "nothing was done": a corrected record would have been a second invoice."""
    sale = await record(ax)
    plan = {"fault": "status_after", "status": status, "times": 1}
    await books.fault(method="POST", path=".*FreeTextInvoice.*", **plan)
    with pytest.raises(OutcomeUnknown, match=f"HTTP {status}"):
        await ax.create(INVOICE, sale)
    await asyncio.sleep(0.06)
    with pytest.raises(OutcomeUnknown, match="seen this message"):
        await ax.create(INVOICE, sale)
    assert len(await books.journal(kind="invoice")) == 1


async def test_a_corrected_record_of_the_same_generation_is_another_message(
    books: Books, ax: AxTarget
) -> None:
    sale = await record(ax)
    wrong = sale.model_copy(update={"lines": (line("119.00", account="4999"),)})
    with pytest.raises(Rejected, match="account-unknown"):
        await ax.create(INVOICE, wrong)
    assert (await ax.create(INVOICE, sale)).number


async def test_a_failed_call_whose_id_ax_keeps_is_never_guessed_away(books: Books) -> None:
    async with (
        ax_books(
            operations=ONLY_CREATE, custom_service=False, keep_failed_message_ids=True
        ) as strict,
        strict.target(service=False, settle_seconds=0.05, timeout=0.3) as ax,
    ):
        sale = await record(ax)
        await strict.person("block", account=sale.header["OrderAccount"], blocked="All")
        with pytest.raises(Rejected, match="customer-blocked"):
            await ax.create(INVOICE, sale)
        await strict.person("block", account=sale.header["OrderAccount"], blocked="No")
        await asyncio.sleep(0.4)
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match="seen this message"):
                await ax.create(INVOICE, sale)
            await asyncio.sleep(0.4)


async def test_what_cannot_be_deleted_or_compared_is_a_hold(ax: AxTarget) -> None:
    sale = await record(ax)
    await ax.create(INVOICE, sale)
    with pytest.raises(Rejected, match="discard-by-hand"):
        await ax.discard(INVOICE)


async def test_a_payment_is_possibly_created_too(books: Books, ax: AxTarget) -> None:
    number = str((await record(ax)).header["OrderAccount"])
    paid = payment_record(number, Money.of("5.00", "EUR"))
    assert (await ax.create(PAYMENT, paid)).state is PostingState.CREATED
    with pytest.raises(OutcomeUnknown, match="seen this message"):
        await ax.create(PAYMENT, paid)
    assert len(await books.journal(kind="payment")) == 1
