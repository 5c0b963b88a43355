"""Whatever goes wrong at whichever call, AX ends with one document per key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import Conflict, OutcomeUnknown, Unavailable
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
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

_FAULTS: list[dict[str, Any]] = [
    {"fault": "reset_before"},
    {"fault": "reset_after"},
    {"fault": "malformed"},
    {"fault": "status", "status": 503},
    {"fault": "status", "status": 500},
    {"fault": "status_after", "status": 500},
    {"fault": "status_after", "status": 503},
    {"fault": "commit_late", "delay": 0.05},
]
_MOST_CALLS = 40
_SETTLE = 0.2

Result = TypeVar("Result")


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=0.0) as found:
        await found.operator("auto", after=3600)
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    changes: dict[str, Any] = {"posting": "service", "settle_seconds": _SETTLE, "timeout": 1.0}
    async with books.target(**changes) as target:
        assert await target.check() == []
        yield target


async def _persist(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """What the activities do: a lost call is given its time, and every attempt begins by
    looking."""
    for _ in range(12):
        try:
            return await attempt()
        except OutcomeUnknown:
            await asyncio.sleep(_SETTLE)
        except (Unavailable, Conflict):
            await asyncio.sleep(0.02)
    raise AssertionError("it never went well")


async def _bring(ax: AxTarget, posting: Key, record: MappedRecord) -> Posting:
    async def attempt() -> Posting:
        found = await ax.lookup(posting)
        if found.state is PostingState.POSTED:
            return found
        await ax.create(posting, record)
        return await ax.post(posting)

    return await _persist(attempt)


@pytest.mark.parametrize("plan", _FAULTS, ids=lambda plan: " ".join(map(str, plan.values())))
async def test_one_misfortune_at_any_call_leaves_one_document_of_each_kind(
    books: Books, ax: AxTarget, plan: dict[str, Any]
) -> None:
    amount = Money.of("119.00", "EUR")
    for skip in range(_MOST_CALLS):
        source_id = str(2000 + skip)
        await books.fault(method="POST", path=".*xppservice.*", times=1, skip=skip, **plan)
        client = key(Kind.CUSTOMER, source_id)
        number = (await _persist(partial(ax.create_customer, client, customer_record()))).number
        invoice, payment = key(Kind.INVOICE, source_id), key(Kind.PAYMENT, source_id)
        sale = invoice_record(number, (line("119.00"),), figures("119.00"))
        posted = await _bring(ax, invoice, sale)
        await _bring(ax, payment, payment_record(number, amount, posted.number or ""))
        hit = await books.fault_hits()
        await asyncio.sleep(0.06 if plan["fault"] == "commit_late" else 0)
        await books.forget_faults()
        assert (await ax.lookup(invoice)).is_settled
        for one in (client, invoice, payment):
            assert len(await books.journal(key=one.text())) == 1, one
        if not hit:
            assert skip > 8, "the story is longer than that"
            return
    raise AssertionError("the story did not end")


async def test_many_at_once_find_that_it_was_possibly_created_and_adopt_it(
    books: Books, ax: AxTarget
) -> None:
    number = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
    record = invoice_record(number, (line("1.00"),), figures("1.00"))
    invoice = key(Kind.INVOICE)
    posted = await asyncio.gather(*(_bring(ax, invoice, record) for _ in range(8)))
    assert len({one.number for one in posted}) == 1
    assert len(await books.journal(kind="invoice")) == 1
