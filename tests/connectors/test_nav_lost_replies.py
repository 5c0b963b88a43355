"""Whatever goes wrong at whichever call, NAV ends with one posting per key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import pytest

from connectors.errors import Conflict, OutcomeUnknown, Unavailable
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

_FAULTS: list[dict[str, Any]] = [
    {"fault": "reset_before"},
    {"fault": "reset_after"},
    {"fault": "malformed"},
    {"fault": "status", "status": 503},
    {"fault": "status", "status": 429, "retry_after": 0},
    {"fault": "status", "status": 500},
    {"fault": "commit_late", "delay": 0.05},
]
_LOST = [plan for plan in _FAULTS if plan["fault"] in ("reset_after", "commit_late")]
_MOST_CALLS = 40

Result = TypeVar("Result")


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books, timeout=1.0) as target:
        await target.check()
        yield target


async def _persist(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """What the activities do: try again, and every attempt begins by looking."""
    for _ in range(8):
        try:
            return await attempt()
        except (OutcomeUnknown, Unavailable, Conflict):
            await asyncio.sleep(0.02)
    raise AssertionError("it never went well")


async def _bring(nav: NavTarget, posting: Key, record: MappedRecord) -> Posting:
    async def attempt() -> Posting:
        found = await nav.lookup(posting)
        if found.state is PostingState.POSTED:
            return found
        created = await nav.create(posting, record)
        assert created.figures == record.expected
        return await nav.post(posting)

    return await _persist(attempt)


async def _each_call(books: Books, fault: dict[str, Any]) -> AsyncIterator[str]:
    """A source id per call of the story, with the fault planned for that call."""
    for skip in range(_MOST_CALLS):
        await books.fault(**fault, skip=skip, times=1)
        yield str(2000 + skip)
        hit = await books.fault_hits()
        await books.forget_faults()
        if not hit:
            assert skip > 5, "the story is longer than that"
            return
    raise AssertionError("the story did not end")


async def _customer(nav: NavTarget) -> str:
    return (await nav.create_customer(key(Kind.CUSTOMER, "500"), customer_record())).number


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: str(list(fault.values())[:2]))
async def test_an_invoice_is_posted_once_whichever_call_goes_wrong(
    nav: NavTarget, books: Books, fault: dict[str, Any]
) -> None:
    customer = await _customer(nav)
    record = sales_record(customer, (line("10.00"), line("20.00")), figures("30.00", "5.70"))
    async for source_id in _each_call(books, fault):
        posting = key(Kind.INVOICE, source_id)
        posted = await _bring(nav, posting, record)
        assert posted.figures == record.expected
        await asyncio.sleep(0.06 if fault["fault"] == "commit_late" else 0)
        rows = await books.journal(kind="invoice", key=posting.text())
        assert [(row["number"], row["state"]) for row in rows] == [(posted.number, "posted")]


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: str(list(fault.values())[:2]))
async def test_a_payment_enters_the_bank_once_whichever_call_goes_wrong(
    nav: NavTarget, books: Books, fault: dict[str, Any]
) -> None:
    customer = await _customer(nav)
    record = payment_record(customer, Money.of("5.00", "USD"))
    async for source_id in _each_call(books, fault):
        posting = key(Kind.PAYMENT, source_id)
        posted = await _bring(nav, posting, record)
        assert posted.remaining == Money.of("5.00", "USD")
        await asyncio.sleep(0.06 if fault["fault"] == "commit_late" else 0)
        rows = await books.journal(kind="payment", key=posting.text())
        assert [row["state"] for row in rows] == ["posted"]


@pytest.mark.parametrize("fault", _LOST, ids=lambda fault: str(list(fault.values())[:2]))
async def test_a_payment_is_applied_and_reversed_once_whichever_call_goes_wrong(
    nav: NavTarget, books: Books, fault: dict[str, Any]
) -> None:
    customer = await _customer(nav)
    amount = Money.of("11.90", "EUR")
    sale = sales_record(customer, (line("10.00"),), figures("10.00", "1.90"))
    async for source_id in _each_call(books, {**fault, "path": ".*/Codeunit/.*"}):
        invoice, payment = key(Kind.INVOICE, source_id), key(Kind.PAYMENT, source_id)
        reversal = payment.of_kind(Kind.PAYMENT_REVERSAL)
        number = str((await _bring(nav, invoice, sale)).number)
        await _bring(nav, payment, payment_record(customer, amount))
        await _persist(partial(nav.apply, payment, number))
        assert (await _persist(partial(nav.lookup, invoice))).is_settled
        await _persist(partial(nav.reverse, payment, reversal, DAY))
        assert (await _persist(partial(nav.lookup, invoice))).remaining == amount
        assert (await _persist(partial(nav.lookup, payment))).state is PostingState.REVERSED


async def test_many_at_once_with_one_key_make_one_invoice(nav: NavTarget, books: Books) -> None:
    customer = await _customer(nav)
    record = sales_record(customer, (line("10.00"), line("20.00")), figures("30.00", "5.70"))
    posting = key(Kind.INVOICE)
    posted = await asyncio.gather(*(_bring(nav, posting, record) for _ in range(8)))
    assert len({one.number for one in posted}) == 1
    assert len(await books.journal(kind="invoice")) == 1
