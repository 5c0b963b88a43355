from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.cipher import Cipher
from store.keyring import KeyRing
from store.rates import _Bucket
from store.store import Store


async def test_a_full_bucket_grants_a_quarter_of_a_second_at_once(store: Store) -> None:
    granted, wait = await store.rates.reserve("x", 200, 1000)
    assert (granted, wait) == (50, 0.0)


async def test_an_empty_bucket_says_how_long_to_wait(store: Store) -> None:
    await store.rates.reserve("x", 1, 1)
    granted, wait = await store.rates.reserve("x", 1, 1)
    assert granted == 0
    assert 0 < wait <= 1


async def test_limits_of_different_names_are_independent(store: Store) -> None:
    assert (await store.rates.reserve("x", 1, 1))[0] == 1
    assert (await store.rates.reserve("y", 1, 1))[0] == 1


async def test_all_who_ask_share_one_bucket(url: str, store: Store, ring: KeyRing) -> None:
    async with await Store.open(url, Cipher(ring)) as other:
        answers = await asyncio.gather(
            *(s.rates.reserve("x", 0.01, 3, burst=10) for s in (store, other) for _ in range(5))
        )
    assert sum(granted for granted, _ in answers) == 10


@pytest.mark.parametrize(("rate", "want"), [(0, 1), (-1, 1), (1, 0)])
async def test_a_reservation_without_sense_is_refused(store: Store, rate: float, want: int) -> None:
    with pytest.raises(ValueError, match="positive rate"):
        await store.rates.reserve("x", rate, want)


async def test_two_limiters_together_keep_the_rate(url: str, store: Store, ring: KeyRing) -> None:
    async with await Store.open(url, Cipher(ring)) as other:
        limiters = [s.rates.limiter("x", 40) for s in (store, other)]
        started = time.monotonic()
        await asyncio.gather(*(limiter.acquire() for limiter in limiters for _ in range(20)))
        lasted = time.monotonic() - started
    # 40 calls, of which a bucket of ten went at once; what is leased and not used costs time.
    assert lasted >= 30 / 40 * 0.99


async def test_a_cancelled_call_uses_nothing_up(store: Store) -> None:
    limiter = store.rates.limiter("x", 1)
    await limiter.acquire()
    waiting = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.wait([waiting])
    async with asyncio.timeout(5):
        await limiter.acquire()


@given(
    st.floats(0.5, 500),
    st.integers(1, 100),
    st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(1, 300)), max_size=40),
)
def test_no_schedule_gets_more_than_the_rate_and_one_bucket(
    per_second: float, size: int, asked: list[tuple[int, int]]
) -> None:
    bucket = _Bucket(1_000_000 / per_second, size)
    now, horizon, total = 0, 0, 0
    for pause, want in asked:
        now += pause
        granted, horizon = bucket.take(now, horizon, want)
        total += granted
        if not granted:
            assert bucket.wait(now, horizon) <= 1.001 / per_second
        assert total <= size + now / 1_000_000 * per_second + 1e-3


def test_a_clock_set_back_stops_nobody_for_long() -> None:
    bucket = _Bucket(1_000_000, 1)
    granted, horizon = bucket.take(0, 3_600_000_000, 1)
    assert granted == 0
    assert bucket.wait(0, horizon) <= 1
