from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from documents.posting import PostingState
from store.errors import FenceHeld, FenceLost, UnknownPosting
from store.store import Store
from tests.store.samples import CONNECTION, KEY, NOW, posting, record

DEADLINE = NOW + timedelta(seconds=10)
SETTLE = 60.0
SETTLED = DEADLINE + timedelta(seconds=SETTLE)
TEXT = KEY.text()


@pytest.fixture(autouse=True)
async def opened(store: Store) -> None:
    await store.postings.open(KEY, CONNECTION, record(), None)


async def _take(store: Store, seen: str | None = None, settle: float | None = SETTLE) -> str:
    return await store.postings.take_fence(
        TEXT, "create", DEADLINE, seen=seen, settle_seconds=settle, now=NOW
    )


async def test_a_send_is_recorded_with_its_deadline(store: Store) -> None:
    send_id = await _take(store)
    row = await store.postings.get(TEXT)
    assert row is not None
    assert row.send is not None
    assert (row.send.send_id, row.send.operation) == (send_id, "create")
    assert (row.send.sent_at, row.send.deadline) == (NOW, DEADLINE)


@pytest.mark.parametrize("settle", [SETTLE, None])
async def test_of_many_concurrent_fences_exactly_one_wins(
    store: Store, settle: float | None
) -> None:
    async def attempt() -> str | None:
        try:
            return await _take(store, settle=settle)
        except FenceLost:
            return None

    winners = [w for w in await asyncio.gather(*(attempt() for _ in range(25))) if w]
    row = await store.postings.get(TEXT)
    assert row is not None
    assert row.send is not None
    assert winners == [row.send.send_id]


async def test_of_many_that_take_over_a_settled_send_exactly_one_wins(store: Store) -> None:
    seen = await _take(store)

    async def attempt() -> bool:
        try:
            await store.postings.take_fence(
                TEXT, "create", SETTLED, seen=seen, settle_seconds=SETTLE, now=SETTLED
            )
        except FenceLost:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(25)))) == 1


async def test_a_send_that_may_still_commit_keeps_its_fence(store: Store) -> None:
    seen = await _take(store)
    just_before = SETTLED - timedelta(microseconds=1)
    with pytest.raises(FenceHeld) as caught:
        await store.postings.take_fence(
            TEXT, "create", DEADLINE, seen=seen, settle_seconds=SETTLE, now=just_before
        )
    assert caught.value.until == SETTLED


async def test_a_settled_send_is_taken_over(store: Store) -> None:
    seen = await _take(store)
    taken = await store.postings.take_fence(
        TEXT, "create", SETTLED, seen=seen, settle_seconds=SETTLE, now=SETTLED
    )
    assert taken != seen


async def test_a_target_that_refuses_duplicates_needs_no_settling(store: Store) -> None:
    seen = await _take(store)
    assert await _take(store, seen=seen, settle=None) != seen


@pytest.mark.parametrize("settle", [SETTLE, None])
async def test_a_fence_that_was_not_seen_is_never_taken_over(
    store: Store, settle: float | None
) -> None:
    seen = await _take(store)
    for other in (None, "0" * 32):
        with pytest.raises(FenceLost, match="look again"):
            await store.postings.take_fence(
                TEXT, "post", SETTLED, seen=other, settle_seconds=settle, now=SETTLED
            )
    row = await store.postings.get(TEXT)
    assert row is not None
    assert row.send is not None
    assert row.send.send_id == seen


async def test_a_send_that_is_gone_since_it_was_seen_is_lost(store: Store) -> None:
    seen = await _take(store)
    await store.postings.clear_fence(TEXT, seen)
    with pytest.raises(FenceLost):
        await _take(store, seen=seen)


async def test_with_the_version_a_fence_that_came_and_went_is_noticed(store: Store) -> None:
    before = await store.postings.get(TEXT)
    assert before is not None
    await store.postings.clear_fence(TEXT, await _take(store))
    with pytest.raises(FenceLost):
        await store.postings.take_fence(
            TEXT,
            "create",
            DEADLINE,
            seen=None,
            settle_seconds=SETTLE,
            now=NOW,
            version=before.version,
        )
    now = await store.postings.get(TEXT)
    assert now is not None
    await store.postings.take_fence(
        TEXT, "create", DEADLINE, seen=None, settle_seconds=None, now=NOW, version=now.version
    )


@pytest.mark.parametrize("state", [PostingState.POSTED, PostingState.REVERSED])
async def test_what_is_in_the_ledger_is_not_sent_again(store: Store, state: PostingState) -> None:
    await store.postings.confirm(TEXT, posting(state, "103001"))
    with pytest.raises(FenceLost):
        await _take(store, settle=None)


async def test_a_fence_needs_an_opened_posting(store: Store) -> None:
    with pytest.raises(UnknownPosting, match="D-I9-1"):
        await store.postings.take_fence(
            "D-I9-1", "create", DEADLINE, seen=None, settle_seconds=None, now=NOW
        )


async def test_only_the_send_itself_clears_its_fence(store: Store) -> None:
    first = await _take(store)
    second = await _take(store, seen=first, settle=None)
    assert not await store.postings.clear_fence(TEXT, first)
    row = await store.postings.get(TEXT)
    assert row is not None
    assert row.send is not None
    assert row.send.send_id == second
    assert await store.postings.clear_fence(TEXT, second)
    assert not await store.postings.clear_fence(TEXT, second)


async def test_doubt_counts_from_the_first_time_until_a_certain_answer(store: Store) -> None:
    send_id = await _take(store)
    assert await store.postings.mark_in_doubt(TEXT, NOW) == NOW
    assert await store.postings.mark_in_doubt(TEXT, SETTLED) == NOW
    await store.postings.clear_fence(TEXT, send_id)
    assert await store.postings.mark_in_doubt(TEXT, SETTLED) == SETTLED


async def test_doubt_outlives_the_next_send(store: Store) -> None:
    seen = await _take(store)
    await store.postings.mark_in_doubt(TEXT, NOW)
    await _take(store, seen=seen, settle=None)
    assert await store.postings.mark_in_doubt(TEXT, SETTLED) == NOW


async def test_doubt_needs_an_opened_posting(store: Store) -> None:
    with pytest.raises(UnknownPosting):
        await store.postings.mark_in_doubt("D-I9-1", NOW)
