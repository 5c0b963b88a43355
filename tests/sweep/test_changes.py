"""Handing over what changed: once, page by page, from where it was broken off."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from activities.errands import SWEPT_KINDS
from connectors.errors import Unavailable
from documents.hold import Hold, HoldClass
from documents.key import Kind
from documents.row import DocumentRow
from store.store import Store
from tests.sweep.conftest import NewBroom
from tests.sweep.world import NOON, ManyPages


async def test_what_is_new_is_told_and_then_never_again(new_broom: NewBroom) -> None:
    broom = new_broom(ManyPages(pages=2, per_page=3))
    assert (await broom.sweep()).told == 6
    assert broom.told == [f"order-to-cash {1_000_001 + n}" for n in range(6)]
    again = await broom.sweep()
    assert (again.listed, again.told) == (6, 0)
    assert len(broom.told) == 6


async def test_what_a_process_has_looked_at_is_not_told(new_broom: NewBroom, store: Store) -> None:
    broom = new_broom(ManyPages(per_page=2))
    await store.sightings.looked(broom.name, "invoice", "1000001", "v0")
    assert (await broom.sweep()).told == 1
    assert broom.told == ["order-to-cash 1000002"]


async def test_a_document_that_the_source_describes_in_two_ways_is_told_once(
    new_broom: NewBroom, store: Store
) -> None:
    broom = new_broom(ManyPages(per_page=1))
    for _ in range(3):
        await broom.sweep()
        await store.sightings.looked(broom.name, "invoice", "1000001", "as read by itself")
    assert broom.told == ["order-to-cash 1000001"]


async def test_a_change_in_the_same_second_is_told(new_broom: NewBroom) -> None:
    source = ManyPages(per_page=1)
    broom = new_broom(source)
    await broom.sweep()
    source.salt = "changed "
    assert (await broom.sweep()).told == 1


async def test_a_version_that_the_source_does_not_tell_counts_as_new(store: Store) -> None:
    await store.sightings.handed("c", "invoice", {"1": ""})
    assert await store.sightings.unseen("c", "invoice", {"1": ""}) == {"1"}


async def test_payments_tell_their_invoice_and_credits_themselves(new_broom: NewBroom) -> None:
    broom = new_broom(ManyPages(per_page=2))
    await broom.sweep("payment")
    await broom.sweep("credit_note")
    assert broom.told == [
        "credit-note 1000001",
        "credit-note 1000002",
        "order-to-cash 5000001",
    ]


async def test_a_client_tells_only_what_could_not_go_on(new_broom: NewBroom, store: Store) -> None:
    broom = new_broom(ManyPages(per_page=1))
    hold = Hold(cause="client-deleted", hold_class=HoldClass.DATA, reason="it is gone")
    for number, held in (("7000001", True), ("7000002", False)):
        row = DocumentRow(
            connection=broom.name, kind=Kind.INVOICE, source_id=number, party_id="1000001",
            state="posted",
        )  # fmt: skip
        await store.documents.save(row)
        if held:
            await store.documents.hold(broom.name, Kind.INVOICE, number, hold)
    await broom.sweep("client")
    assert broom.told == ["order-to-cash 7000001"]


async def test_the_watermark_moves_when_everything_was_handed_over_and_not_before(
    new_broom: NewBroom, store: Store
) -> None:
    source = ManyPages(pages=3, per_page=2, breaks_at=2, changed_at=NOON - timedelta(hours=1))
    broom = new_broom(source)
    with pytest.raises(Unavailable):
        await broom.sweep()
    assert await store.watermarks.get(broom.name, "invoice") is None
    await broom.sweep()
    assert await store.watermarks.get(broom.name, "invoice") == NOON - timedelta(hours=1)


async def test_the_watermark_is_never_ahead_of_our_clock_and_never_goes_back(
    new_broom: NewBroom, store: Store
) -> None:
    source = ManyPages(per_page=1, changed_at=NOON + timedelta(days=3))
    broom = new_broom(source)
    await broom.sweep()
    assert await store.watermarks.get(broom.name, "invoice") == NOON
    source.changed_at = NOON - timedelta(days=3)
    await broom.sweep()
    assert await store.watermarks.get(broom.name, "invoice") == NOON


async def test_a_sweep_that_was_killed_goes_on_behind_its_last_page(new_broom: NewBroom) -> None:
    source = ManyPages(pages=5, per_page=2, breaks_at=3)
    broom = new_broom(source)
    with pytest.raises(Unavailable):
        await broom.sweep()
    swept = await broom.sweep()
    assert source.given == [0, 1, 2, 3, 4]
    assert (swept.listed, swept.told) == (10, 10)
    assert len(broom.told) == len(set(broom.told)) == 10


async def test_after_days_of_outage_the_sweep_begins_where_the_last_one_ended(
    new_broom: NewBroom,
) -> None:
    source = ManyPages(per_page=1)
    broom = new_broom(source)
    await broom.sweep()
    broom.now = NOON + timedelta(days=9)
    swept = await broom.sweep()
    assert swept.since == NOON
    assert [since for _, since, _ in source.asked] == [NOON, NOON]


async def test_the_memory_of_a_sweep_is_one_page_whatever_the_total(new_broom: NewBroom) -> None:
    peaks = []
    for pages in (4, 16):
        broom = new_broom(ManyPages(pages=pages))
        tracemalloc.start()
        await broom.sweep("client")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        broom.beats.clear()
    assert peaks[1] < peaks[0] * 1.5 + 200_000


async def test_without_expenses_their_listing_needs_no_scope_and_is_not_read(
    new_broom: NewBroom,
) -> None:
    source = ManyPages()
    swept = await new_broom(source).sweep("expense")
    assert (swept.listed, source.asked) == (0, [])


async def test_a_listing_that_is_closed_to_us_keeps_nothing_else_from_being_swept(
    new_broom: NewBroom,
) -> None:
    source = ManyPages(closed="credit_note")
    with pytest.raises(WorkflowFailureError):
        await new_broom(source).round()
    assert {kind for kind, *_ in source.asked} == set(SWEPT_KINDS) - {
        "expense",
        "bill",
        "bill_payment",
    }
