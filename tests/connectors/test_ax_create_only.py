"""AX as most sites have it, ports that only create and a clerk who posts: never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from activities.posting import Poster
from connectors.ax.adapter import AxTarget
from connectors.errors import ConnectorError, OutcomeUnknown
from documents.hold import HoldRequired
from documents.key import Kind
from documents.posting import PostingState
from documents.record import MappedRecord
from documents.row import Action, Decision
from store.errors import FenceHeld, FenceLost
from store.store import Store
from tests.connectors.ax_books import (
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
)
from tests.connectors.ax_posting import poster_of
from tests.connectors.test_ax_possibly_created import ONLY_CREATE
from tests.contracts.posting_desk import open_store

INVOICE = key(Kind.INVOICE)
_SETTLE = 0.1
_LOST = {"method": "POST", "path": ".*FreeTextInvoice.*", "times": 1}

Result = TypeVar("Result")


@pytest.fixture(params=[False, True], ids=["forgets failed messages", "keeps failed messages"])
async def books(request: pytest.FixtureRequest) -> AsyncIterator[Books]:
    site: dict[str, Any] = {"keep_failed_message_ids": request.param}
    async with ax_books(operations=ONLY_CREATE, custom_service=False, **site) as found:
        await found.operator("wait")
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(service=False, settle_seconds=_SETTLE) as target:
        yield target


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path) as opened:
        yield opened


async def _sale(ax: AxTarget, amount: str) -> MappedRecord:
    number = (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number
    return invoice_record(number, (line(amount),), figures(amount))


async def _persist(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """What Temporal does after what is transient."""
    for _ in range(60):
        try:
            return await attempt()
        except (ConnectorError, FenceHeld, FenceLost) as error:
            assert not isinstance(error, ConnectorError) or error.retryable
            await asyncio.sleep(_SETTLE / 2)
    raise AssertionError("it never went well")


async def _clerk_posts(books: Books) -> list[dict[str, Any]]:
    await books.operator("auto")
    for _ in range(100):
        rows = await books.journal(kind="invoice")
        if rows and all(row["state"] == "posted" for row in rows):
            return rows
        await asyncio.sleep(0.02)
    raise AssertionError("the clerk did not post")


async def _let_through(poster: Poster, held: HoldRequired) -> None:
    word = Decision(action=Action.RELEASE, who="Ada", why="not in AX", at=datetime.now(UTC))
    await poster.doubt.release(held.hold, word)


@pytest.mark.parametrize("patience", [900, 0.3])
async def test_an_edit_after_a_lost_reply_makes_no_second_document(
    books: Books, ax: AxTarget, store: Store, patience: float
) -> None:
    poster = poster_of(ax, store, patience)
    first, second = await _sale(ax, "119.00"), await _sale(ax, "150.00")
    await poster.prepare(INVOICE, first)
    await books.fault(fault="reset_after", **_LOST)
    with pytest.raises(OutcomeUnknown):
        await poster.post(INVOICE)
    with pytest.raises(HoldRequired) as held:
        await _persist(lambda: poster.prepare(INVOICE, second))
    assert held.value.hold.cause == "in-doubt"
    (row,) = await _clerk_posts(books)
    assert await _persist(lambda: poster.prepare(INVOICE, second)) == first
    posted, _ = await _persist(lambda: poster.post(INVOICE))
    assert (posted.state, posted.number) == (PostingState.POSTED, row["number"])
    assert posted.figures == figures("119.00")


async def test_what_was_lost_before_ax_took_it_is_sent_again_and_created(
    books: Books, ax: AxTarget, store: Store
) -> None:
    poster = poster_of(ax, store, 900)
    await poster.prepare(INVOICE, await _sale(ax, "119.00"))
    await books.fault(fault="reset_before", **_LOST)
    with pytest.raises(OutcomeUnknown):
        await poster.post(INVOICE)
    posted, _ = await _persist(lambda: poster.post(INVOICE))
    assert posted.state is PostingState.CREATED
    assert len(await _clerk_posts(books)) == 1


async def test_a_person_who_looked_in_ax_lets_it_be_sent_again(
    books: Books, ax: AxTarget, store: Store
) -> None:
    """Also where AX goes on refusing the message that failed: it is another one then."""
    poster = poster_of(ax, store, 900)
    await poster.prepare(INVOICE, await _sale(ax, "119.00"))
    await books.fault(fault="reset_before", **_LOST)
    with pytest.raises(OutcomeUnknown):
        await poster.post(INVOICE)
    edited = await _sale(ax, "150.00")
    with pytest.raises(HoldRequired) as held:
        await _persist(lambda: poster.prepare(INVOICE, edited))
    await _let_through(poster, held.value)
    await poster.prepare(INVOICE, edited)
    await _persist(lambda: poster.post(INVOICE))
    (row,) = await _clerk_posts(books)
    assert row["amount"] == "150.00"


async def test_an_edit_of_what_was_created_is_held_until_it_is_deleted_in_ax(
    books: Books, ax: AxTarget, store: Store
) -> None:
    poster = poster_of(ax, store, 900)
    await poster.prepare(INVOICE, await _sale(ax, "119.00"))
    created, _ = await poster.post(INVOICE)
    edited = await _sale(ax, "150.00")
    with pytest.raises(HoldRequired) as held:
        await poster.prepare(INVOICE, edited)
    assert held.value.hold.cause == "discard-by-hand"
    assert str(created.number) in held.value.hold.reason
    with pytest.raises(HoldRequired):
        await poster.discard(INVOICE)
    (row,) = await _clerk_posts(books)
    assert row["amount"] == "119.00"


async def test_a_worker_killed_behind_the_creation_leaves_no_way_to_a_second_document(
    books: Books, ax: AxTarget, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster = poster_of(ax, store, 900, send_timeout=1)
    await poster.prepare(INVOICE, await _sale(ax, "119.00"))

    class Killed(BaseException):
        pass

    async def killed(*_args: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("store.postings.Postings.confirm", killed)
        with pytest.raises(Killed):
            await poster.post(INVOICE)
    edited = await _sale(ax, "150.00")
    with pytest.raises(HoldRequired) as held:
        await _persist(lambda: poster.prepare(INVOICE, edited))
    assert held.value.hold.cause == "in-doubt"
    assert len(await _clerk_posts(books)) == 1


async def test_a_look_that_fails_behind_the_creation_loses_nothing(
    books: Books, ax: AxTarget, store: Store
) -> None:
    poster = poster_of(ax, store, 900)
    await poster.prepare(INVOICE, await _sale(ax, "119.00"))
    await books.fault(
        method="POST", path=".*(Posted|SalesInvoice).*", fault="status", status=503, skip=2, times=9
    )
    with pytest.raises(ConnectorError):
        await poster.post(INVOICE)
    await books.forget_faults()
    row = await store.postings.get(INVOICE.text())
    assert row is not None
    assert (row.state, bool(row.number)) == (PostingState.CREATED, True)
    await _persist(lambda: poster.post(INVOICE))
    assert len(await _clerk_posts(books)) == 1
