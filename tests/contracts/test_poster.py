"""Never twice, never lost, in a ledger that refuses nothing: the look-up and the fence alone.

Every test ends by letting everything that was under way arrive, and then counts the entries.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest

from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.ports import Safety
from documents.hold import HoldClass, HoldRequired
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import PostingState
from documents.record import Figures, MappedRecord
from policies.settings import OrderToCashPolicy
from store.errors import FenceHeld, FenceLost
from tests.contracts.ledger import SETTLE, Weather
from tests.contracts.posting_desk import PATIENCE, SEND_TIMEOUT, Desk, invoice, new_key

_LOST: list[Weather] = ["lost before", "lost after", "late", "hang", "unavailable"]


def _refusing(desk: Desk, refuses: bool) -> Safety:
    return replace(desk.ledger.safety, refuses_duplicates=refuses)


def _one_posting(desk: Desk, key: Key) -> None:
    desk.settle()
    assert len(desk.ledger.posted(key)) == 1
    assert desk.ledger.waiting(key) == []


async def test_an_undisturbed_document_is_looked_up_created_and_posted(desk: Desk) -> None:
    key = await desk.prepared(new_key())
    posted = await desk.attempt(key)
    assert posted.state is PostingState.POSTED
    assert desk.ledger.calls == ["lookup", "create", "post"]
    row = await desk.store.postings.get(key.text())
    assert row is not None
    assert (row.state, row.number, row.send) == (PostingState.POSTED, posted.number, None)
    _one_posting(desk, key)


@pytest.mark.parametrize("is_created", [False, True])
async def test_nothing_is_posted_into_a_period_that_was_signed_off_after_it_was_prepared(
    desk: Desk, is_created: bool
) -> None:
    day = date(2026, 10, 31)
    record = invoice().model_copy(update={"posting_date": day})
    key = await desk.prepared(new_key(), record)
    if is_created:
        await desk.ledger.create(key, record)
    desk.signed.add(day)
    with pytest.raises(HoldRequired) as held:
        await desk.attempt(key)
    assert held.value.hold.cause == "period-closed"
    assert desk.ledger.posted(key) == []
    assert desk.ledger.calls.count("create") == is_created
    desk.signed.clear()
    assert (await desk.attempt(key)).state is PostingState.POSTED
    _one_posting(desk, key)


@pytest.mark.parametrize("operation", ["create", "post"])
@pytest.mark.parametrize("weather", _LOST)
async def test_a_lost_reply_leads_to_one_posting(
    desk: Desk, operation: str, weather: Weather
) -> None:
    key = await desk.prepared(new_key())
    desk.ledger.forecast(operation, weather)
    await desk.posted(key)
    _one_posting(desk, key)


@pytest.mark.parametrize("first", _LOST)
@pytest.mark.parametrize("second", _LOST)
async def test_two_lost_replies_in_a_row_lead_to_one_posting(
    desk: Desk, first: Weather, second: Weather
) -> None:
    key = await desk.prepared(new_key())
    desk.ledger.forecast("create", first, second)
    desk.ledger.forecast("post", second, first)
    await desk.posted(key)
    _one_posting(desk, key)


@pytest.mark.parametrize("operation", ["create", "post"])
async def test_a_worker_killed_during_the_send_leads_to_one_posting(
    desk: Desk, operation: str
) -> None:
    """The dead worker can say nothing; what it sent commits after the next one has looked."""
    key = await desk.prepared(new_key())
    desk.ledger.forecast(operation, "hang")
    dying = asyncio.create_task(desk.attempt(key))
    while operation not in desk.ledger.calls:  # noqa: ASYNC110 - the ledger's own list
        await asyncio.sleep(0)
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    await desk.posted(key)
    _one_posting(desk, key)


@pytest.mark.parametrize("operation", ["create", "post"])
async def test_nothing_is_sent_again_while_the_earlier_send_may_commit(
    desk: Desk, operation: str
) -> None:
    key = await desk.prepared(new_key())
    desk.ledger.forecast(operation, "late")
    with pytest.raises(OutcomeUnknown):
        await desk.attempt(key)
    with pytest.raises(FenceHeld) as held:
        await desk.attempt(key)
    assert desk.ledger.calls.count(operation) == 1
    assert (held.value.until - desk.clock.now).total_seconds() >= desk.ledger.lateness
    desk.settle()
    assert (await desk.attempt(key)).state is PostingState.POSTED
    _one_posting(desk, key)


async def test_a_search_that_lags_behind_never_leads_to_a_second_draft(desk: Desk) -> None:
    key = await desk.prepared(new_key())
    desk.ledger.forecast("create", "lost after")
    desk.ledger.forecast("lookup", "lagging", "lagging", "lagging", "lagging")
    await desk.posted(key)
    assert desk.ledger.calls.count("create") == 1
    _one_posting(desk, key)


async def test_workers_that_post_the_same_document_at_once_post_it_once(desk: Desk) -> None:
    key = await desk.prepared(new_key())
    numbers = {p.number for p in await asyncio.gather(*(desk.posted(key) for _ in range(6)))}
    assert len(numbers) == 1
    assert desk.ledger.calls.count("create") == desk.ledger.calls.count("post") == 1
    _one_posting(desk, key)


@pytest.mark.parametrize("goes_on_at", ["created", "posted"])
async def test_a_worker_that_looked_too_long_ago_does_not_send(desk: Desk, goes_on_at: str) -> None:
    """It saw nothing, was suspended, and meanwhile another worker created or posted."""
    key = await desk.prepared(new_key())
    gate = desk.ledger.gates["lookup"] = asyncio.Event()
    slow = asyncio.create_task(desk.attempt(key))
    while "lookup" not in desk.ledger.calls:  # noqa: ASYNC110 - the ledger's own list
        await asyncio.sleep(0)
    del desk.ledger.gates["lookup"]
    if goes_on_at == "created":
        desk.ledger.forecast("post", "unavailable")
        with pytest.raises(Unavailable):
            await desk.attempt(key)
    else:
        await desk.attempt(key)
    gate.set()
    with pytest.raises(FenceLost):
        await slow
    await desk.posted(key)
    assert desk.ledger.calls.count("create") == 1
    _one_posting(desk, key)


async def test_what_stands_posted_under_the_key_is_taken_over_without_a_send(desk: Desk) -> None:
    key = await desk.prepared(new_key())
    await desk.attempt(key)
    again, how = await desk.poster.post(key)
    assert (again.number, how) == (desk.ledger.posted(key)[0].number, "found posted under our key")
    assert desk.ledger.calls.count("create") == 1


async def test_what_stands_posted_with_other_figures_is_held_not_adopted(desk: Desk) -> None:
    key = new_key()
    await desk.prepared(key, invoice("10.00"))
    await desk.ledger.create(key, invoice("11.00"))
    await desk.ledger.post(key)
    with pytest.raises(HoldRequired) as held:
        await desk.attempt(key)
    assert held.value.hold.cause == "totals-differ"
    assert held.value.hold.values == {"source": "10.00 EUR", "target": "11.00 EUR"}


async def test_a_look_up_that_fails_is_waited_for_and_then_held_in_doubt(desk: Desk) -> None:
    key = await desk.prepared(new_key())
    desk.ledger.forecast("create", "lost after")
    with pytest.raises(OutcomeUnknown):
        await desk.attempt(key)
    desk.ledger.forecast("lookup", "unavailable", "unavailable", "unavailable")
    for _ in range(2):
        with pytest.raises(Unavailable):
            await desk.attempt(key)
        desk.clock.advance(PATIENCE / 2 + 1)
    with pytest.raises(HoldRequired) as held:
        await desk.attempt(key)
    assert held.value.hold.cause == "in-doubt"
    assert held.value.hold.hold_class is HoldClass.IN_DOUBT
    assert key.text() in held.value.hold.remedy
    await desk.posted(key)
    _one_posting(desk, key)


async def test_what_cannot_be_decided_within_the_patience_is_held_in_doubt(desk: Desk) -> None:
    """The settle time is longer than anybody wants to wait, and the search finds nothing."""
    desk.policy = OrderToCashPolicy(
        send_timeout_seconds=SEND_TIMEOUT, in_doubt_patience_seconds=SETTLE / 4
    )
    key = await desk.prepared(new_key())
    desk.ledger.forecast("create", "late")
    for _ in range(2):
        with pytest.raises((OutcomeUnknown, FenceHeld)):
            await desk.attempt(key)
    desk.clock.advance(SETTLE / 3)
    with pytest.raises(HoldRequired) as held:
        await desk.attempt(key)
    assert held.value.hold.cause == "in-doubt"
    desk.settle()
    await desk.posted(key)
    _one_posting(desk, key)


async def test_a_refusal_is_certain_and_leaves_no_doubt(desk: Desk) -> None:
    key = await desk.prepared(new_key())
    desk.ledger.forecast("post", "rejected")
    with pytest.raises(Rejected):
        await desk.attempt(key)
    row = await desk.store.postings.get(key.text())
    assert row is not None
    assert (row.send, row.in_doubt_since) == (None, None)
    await desk.attempt(key)
    _one_posting(desk, key)


async def test_every_attempt_sends_the_record_that_was_prepared_first(desk: Desk) -> None:
    key = await desk.prepared(new_key(), invoice("10.00", "first"))
    desk.ledger.forecast("create", "lost before", "unavailable", "lost before")
    await desk.posted(key)
    assert {record.header["Text"] for record in desk.ledger.sent} == {"first"}
    kept = await desk.poster.prepare(key, invoice("12.00", "second"))
    assert kept.header["Text"] == "first"


async def test_a_corrected_record_replaces_one_that_never_reached_the_ledger(desk: Desk) -> None:
    key = await desk.prepared(new_key(), invoice("10.00", "wrong"))
    desk.ledger.forecast("post", "rejected")
    with pytest.raises(Rejected):
        await desk.attempt(key)
    await desk.persist(lambda: desk.poster.prepare(key, invoice("10.00", "right")))
    await desk.posted(key)
    assert [e.record.header["Text"] for e in desk.ledger.posted(key)] == ["right"]
    _one_posting(desk, key)


async def test_a_correction_waits_for_a_send_that_may_still_commit(desk: Desk) -> None:
    key = await desk.prepared(new_key(), invoice("10.00", "wrong"))
    desk.ledger.forecast("create", "late")
    with pytest.raises(OutcomeUnknown):
        await desk.attempt(key)
    with pytest.raises(OutcomeUnknown):
        await desk.poster.prepare(key, invoice("10.00", "right"))
    await desk.persist(lambda: desk.poster.prepare(key, invoice("10.00", "right")))
    await desk.posted(key)
    assert [e.record.header["Text"] for e in desk.ledger.posted(key)] == ["right"]
    _one_posting(desk, key)


async def test_a_target_that_computes_other_totals_posts_nothing(desk: Desk) -> None:
    key = await desk.prepared(new_key(), invoice("10.00"))
    await desk.ledger.create(key, invoice("10.01"))
    with pytest.raises(HoldRequired) as held:
        await desk.attempt(key)
    assert held.value.hold.cause == "totals-differ"
    assert desk.ledger.posted(key) == []


@pytest.mark.parametrize("weather", _LOST)
async def test_a_lost_reversal_is_made_once(desk: Desk, weather: Weather) -> None:
    key = await desk.prepared(new_key(Kind.PAYMENT))
    await desk.posted(key)
    reversal = key.of_kind(Kind.PAYMENT_REVERSAL)
    desk.ledger.forecast("reverse", weather)
    on = desk.clock.now.date()
    await desk.persist(
        lambda: desk.poster.send(
            reversal, "reverse", lambda: desk.ledger.reverse(key, reversal, on)
        )
    )
    _one_posting(desk, reversal)


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize("weather", _LOST)
async def test_a_lost_customer_is_created_once(desk: Desk, weather: Weather, refuses: bool) -> None:
    """Also where the target refuses a second document: of customers no target promises that."""
    desk.ledger.safety = _refusing(desk, refuses)
    key = new_key(Kind.CUSTOMER)
    desk.ledger.forecast("create_customer", weather)
    card = MappedRecord(kind=Kind.CUSTOMER, entity="customer", header={})
    await desk.persist(lambda: desk.poster.create_customer(key, card))
    desk.settle()
    assert [c.key for c in desk.ledger.customers] == [key.text()]


async def test_an_adopted_number_belongs_to_one_document(desk: Desk) -> None:
    first, second = new_key(), new_key()
    made = await desk.ledger.create(first, invoice("10.00"))
    number = str((await desk.ledger.post(first)).number)
    assert made.figures is not None
    await desk.poster.adopt(first, number, made.figures, "C1")
    with pytest.raises(Exception, match="belongs to another") as taken:
        await desk.poster.adopt(second, number, made.figures, "C1")
    assert type(taken.value).__name__ == "NumberTaken"
    other = Figures(net=Money.of("9", "EUR"), tax=Money.of("0", "EUR"), total=Money.of("9", "EUR"))
    with pytest.raises(HoldRequired) as held:
        await desk.poster.adopt(new_key(), number, other, "C1")
    assert held.value.hold.cause == "adopted-differs"


@pytest.mark.parametrize("seed", range(60))
async def test_any_weather_and_any_number_of_workers_lead_to_one_posting(
    desk: Desk, seed: int
) -> None:
    """Random weather on every call, and up to three workers that are killed at random."""
    chance = random.Random(seed)
    key = await desk.prepared(new_key())
    weathers: list[Weather] = [*_LOST, "lost after", "late"]
    for operation in ("create", "post"):
        desk.ledger.forecast(operation, *chance.choices(weathers, k=chance.randint(0, 4)))
    blind: list[Weather] = ["unavailable", "lagging"]
    desk.ledger.forecast("lookup", *chance.choices(blind, k=2))
    for _ in range(chance.randint(1, 12)):
        workers = [asyncio.create_task(desk.attempt(key)) for _ in range(chance.randint(1, 3))]
        for _ in range(chance.randint(0, 30)):
            await asyncio.sleep(0)
        if chance.random() < 0.3:
            workers[0].cancel()
        for outcome in await asyncio.gather(*workers, return_exceptions=True):
            _was_transient(outcome)
        desk.clock.advance(chance.uniform(0, SETTLE))
        assert len(desk.ledger.posted(key)) <= 1
    await desk.posted(key)
    _one_posting(desk, key)


def _was_transient(outcome: object) -> None:
    if isinstance(outcome, BaseException):
        assert isinstance(
            outcome, ConnectorError | FenceHeld | FenceLost | asyncio.CancelledError
        ), outcome
