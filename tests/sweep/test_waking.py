"""Waking what waits for the target: what it may end, and not too often."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from activities.waking import MOST_WOKEN, PARTS, whose_turn
from documents.hold import Hold, HoldClass
from documents.key import Kind
from documents.row import DocumentRow, DocumentState
from policies.waking import FIRST, LONGEST, is_due, waits_for_target
from store.store import Store
from tests.sweep.conftest import NewBroom
from tests.sweep.world import NOON, Broom, ManyPages


async def _held(store: Store, broom: Broom, number: str, cause: str, kind: HoldClass) -> None:
    hold = Hold(cause=cause, hold_class=kind, reason="it cannot go on")
    row = DocumentRow(
        connection=broom.name,
        kind=Kind.INVOICE,
        source_id=number,
        state=DocumentState.HELD,
        hold=hold,
        held_since=NOON,
    )
    await store.documents.save(row)


async def test_only_what_the_target_can_end_is_woken(new_broom: NewBroom, store: Store) -> None:
    broom = new_broom(ManyPages())
    await _held(store, broom, "1", "customer-blocked", HoldClass.SETUP)
    await _held(store, broom, "2", "period-closed", HoldClass.POLICY)
    await _held(store, broom, "3", "edited-after-posting", HoldClass.POLICY)
    await _held(store, broom, "4", "no-lines", HoldClass.DATA)
    await _held(store, broom, "5", "in-doubt", HoldClass.IN_DOUBT)
    broom.now = NOON + timedelta(minutes=5)
    woken = await broom.wake()
    assert (woken.waiting, woken.told) == (5, 3)
    assert broom.told == ["order-to-cash 1", "order-to-cash 2", "order-to-cash 5"]


async def test_a_payment_that_waits_in_the_target_wakes_its_invoice(
    new_broom: NewBroom, store: Store
) -> None:
    broom = new_broom(ManyPages())
    payment = DocumentRow(connection=broom.name, kind=Kind.PAYMENT, source_id="9", parent_id="8")
    await store.documents.save(payment)
    broom.now = datetime.now(NOON.tzinfo) + timedelta(minutes=5)
    assert (await broom.wake()).told == 1
    assert broom.told == ["order-to-cash 8"]


async def test_a_wait_is_looked_at_often_at_first_and_seldom_later(
    new_broom: NewBroom, store: Store
) -> None:
    broom = new_broom(ManyPages())
    await _held(store, broom, "1", "customer-blocked", HoldClass.SETUP)
    told = []
    for _ in range(3 * 60):
        broom.now += timedelta(minutes=1)
        told.append((await broom.wake()).told)
    first_hour, third_hour = sum(told[:60]), sum(told[120:])
    assert told[0] == 1
    assert 15 <= first_hour <= 30
    assert 1 <= third_hour <= 6


async def test_many_pages_of_waiting_documents_are_all_considered(
    new_broom: NewBroom, store: Store
) -> None:
    broom = new_broom(ManyPages())
    for number in range(450):
        await _held(store, broom, str(1_000_000 + number), "customer-blocked", HoldClass.SETUP)
    broom.now = NOON + timedelta(minutes=1)
    woken = await broom.wake()
    assert (woken.waiting, woken.told) == (450, 450)


async def test_of_more_than_one_sweep_may_wake_everybody_has_a_turn(
    new_broom: NewBroom, store: Store
) -> None:
    broom = new_broom(ManyPages())
    for number in range(1_200):
        await _held(store, broom, str(1_000_000 + number), "customer-blocked", HoldClass.SETUP)
    for _ in range(4):
        broom.now += timedelta(minutes=5)
        assert (await broom.wake()).told <= MOST_WOKEN
    assert len(set(broom.told)) == 1_200


def test_a_part_that_is_too_large_by_itself_has_its_turn_all_the_same() -> None:
    due = dict.fromkeys(PARTS, MOST_WOKEN + 1)
    marks = {part: NOON + timedelta(minutes=n) for n, part in enumerate(reversed(PARTS))}
    assert whose_turn(due, marks) == [PARTS[-1]]


@pytest.mark.parametrize("every", [20, 300, 7200])
def test_no_wait_is_forgotten_whatever_the_period_of_the_sweep(every: int) -> None:
    """Between two moments at which it is due there is never more than the longest pause and one
    period of the sweep."""
    before, last = NOON, NOON
    for _ in range(4 * 24 * 3600 // every):
        now = before + timedelta(seconds=every)
        if is_due(NOON, before, now):
            assert now - last <= LONGEST + timedelta(seconds=2 * every)
            last = now
        before = now
    assert before - last <= LONGEST + timedelta(seconds=every)


def test_without_a_sweep_before_everything_that_is_old_enough_is_due() -> None:
    assert is_due(NOON, None, NOON + FIRST)
    assert not is_due(NOON, None, NOON + FIRST / 2)


def test_a_document_in_flight_may_wait_for_the_target() -> None:
    assert waits_for_target(DocumentState.IN_FLIGHT, "", None)
    assert not waits_for_target(DocumentState.HELD, "payment-currency", HoldClass.DATA)
