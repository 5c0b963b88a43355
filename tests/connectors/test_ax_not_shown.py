"""What AX says it created and its look-ups do not show is never sent again: a person looks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.ax.adapter import AxTarget
from connectors.ax.ids import MessageIds
from connectors.errors import ConnectorError, Rejected
from documents.hold import HoldClass, HoldRequired
from documents.key import Kind
from documents.record import MappedRecord
from documents.row import Action, Decision
from store.errors import FenceHeld
from tests.connectors.ax_books import (
    ax_books,
    figures,
    invoice_record,
    key,
    line,
)
from tests.connectors.ax_posting import poster_of
from tests.connectors.test_ax_orders import PORTS, customer, order
from tests.contracts.posting_desk import open_store

INVOICE = key(Kind.INVOICE)
_PORT = "FreeTextInvoiceService/xppservice.svc"
ELSEWHERE = {"free_text_invoice_key": "CustomerRef"}
"""Nobody looks for our key there."""


def _later() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def hidden(number: str, amount: str = "119.00") -> MappedRecord:
    record = invoice_record(number, (line(amount),), figures(amount))
    header = {name: text for name, text in record.header.items() if name != "CustomerRef"}
    return record.model_copy(update={"header": header})


@pytest.mark.parametrize("service", [True, False], ids=["custom service", "ports"])
async def test_a_key_field_that_no_lookup_reads_is_told_by_the_check(service: bool) -> None:
    async with ax_books() as books:
        changed = {**ELSEWHERE, "posted_payment_key": "DocumentNum"}
        async with books.target(service=service, fields=changed) as ax:
            problems = await ax.check()
    assert any("free_text_invoice_key" in text for text in problems)
    assert any("posted_payment_key" in text for text in problems)


async def test_a_created_document_that_is_not_shown_is_held_in_doubt_and_sent_once(
    tmp_path: Path,
) -> None:
    async with (
        ax_books(posting_after=3600.0) as books,
        open_store(tmp_path) as store,
        books.target(fields=ELSEWHERE, settle_seconds=0.05) as ax,
    ):
        number = await customer(ax)
        poster = poster_of(ax, store, patience=0.5)
        await poster.prepare(INVOICE, hidden(number))
        holds = []
        for _ in range(12):
            try:
                await poster.post(INVOICE)
            except Rejected as error:
                holds.append(error.hold)
            except (ConnectorError, HoldRequired, FenceHeld):
                pass
            await asyncio.sleep(0.1)
        assert holds
        assert holds[0].cause == "created-not-shown"
        assert holds[0].hold_class is HoldClass.IN_DOUBT
        assert holds[0].values["document"]
        with pytest.raises((HoldRequired, ConnectorError)):
            # A corrected record is another message, which AX would take.
            await poster.prepare(INVOICE, hidden(number, "150.00"))
        assert len(await books.journal(kind="invoice")) == 1


async def test_a_replaced_worker_knows_what_ax_acknowledged_and_sends_nothing_else(
    tmp_path: Path,
) -> None:
    """The mark stands in the posting row: a new adapter has no memory, and a corrected record is
    another message, which AX would take."""
    async with ax_books(posting_after=3600.0) as books, open_store(tmp_path) as store:

        def another() -> AxTarget:
            return books.target(fields=ELSEWHERE, settle_seconds=0.05)

        async with another() as first:
            number = await customer(first)
            poster = poster_of(first, store, patience=0.1)
            await poster.prepare(INVOICE, hidden(number))
            with pytest.raises(Rejected, match="created-not-shown"):
                await poster.post(INVOICE)
        await asyncio.sleep(0.3)
        async with another() as second:
            poster = poster_of(second, store, patience=0.1)
            for _ in range(2):
                with pytest.raises(HoldRequired) as caught:
                    await poster.post(INVOICE)
                assert caught.value.hold.cause == "created-not-shown"
                assert caught.value.hold.values["document"]
            with pytest.raises(HoldRequired):
                await poster.prepare(INVOICE, hidden(number, "150.00"))
            sent = [one for one in await books.requests() if one["path"].endswith(_PORT)]
            assert len([one for one in sent if one["method"] == "POST"]) == 1
        async with books.target(fields={}) as seeing:
            release = Decision(action=Action.RELEASE, who="B", why="looked", at=_later())
            await asyncio.sleep(0.2)
            await poster_of(seeing, store, patience=0.1).doubt.release(caught.value.hold, release)
            row = await store.postings.get(INVOICE.text())
            assert row is not None and row.send is None
        assert len(await books.journal(kind="invoice")) == 1


@pytest.mark.parametrize("service", [True, False], ids=["custom service", "ports"])
async def test_an_order_that_repeats_one_is_held_and_no_journal_order_follows(
    service: bool, tmp_path: Path
) -> None:
    async with ax_books(posting_after=3600.0) as books, open_store(tmp_path) as store:
        async with books.target(service=False, document="sales_order", ports=PORTS) as clerk:
            number = await customer(clerk)
            with pytest.raises(Rejected, match="journal-order"):
                await clerk.create(INVOICE, order(number, SalesType="Journal"))
        async with books.target(
            service=service, document="sales_order", ports=PORTS, settle_seconds=0.05
        ) as ax:
            poster = poster_of(ax, store, patience=0.2)
            await poster.prepare(INVOICE, order(number))
            for _ in range(4):
                with pytest.raises(Rejected, match="journal-order"):
                    await poster.post(INVOICE)
                await asyncio.sleep(0.3)
        assert len(await books.journal(kind="order")) == 1


@pytest.mark.parametrize("service", [True, False], ids=["custom service", "ports"])
async def test_an_order_port_that_cannot_find_makes_no_order(service: bool) -> None:
    async with (
        ax_books(operations={"SalesOrderService": ["create"]}) as books,
        books.target(service=service, document="sales_order", ports=PORTS) as ax,
    ):
        number = await customer(ax)
        assert any("SalesOrderService" in text and "find" in text for text in await ax.check())
        with pytest.raises(ConnectorError, match="find"):
            await ax.create(INVOICE, order(number))
        assert not await books.journal(kind="order")


def test_an_id_that_ax_acknowledged_is_never_given_up() -> None:
    now = [0.0]
    ids = MessageIds(10.0, clock=lambda: now[0])
    with ids.sending("s"):
        pass
    now[0] = 1000.0
    assert not ids.give_up("s")
