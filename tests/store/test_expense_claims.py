"""What is remembered of claims: parts that wait to be told of, and reviews that never cross."""

from __future__ import annotations

from uuid import uuid4

import pytest

from documents.claim import ClaimReview, Part, PartState
from documents.money import Money
from store.errors import StaleRow
from store.store import Store

_CLAIM, _OTHER = "17-2026M03", "17-2026M04"


def _part(version: str = "a", state: PartState = PartState.READY) -> Part:
    amount = Money.of("40", "USD")
    return Part(source_id="5", state=state, version=version, amount=amount, claimant="Erin")


async def test_a_part_stays_untold_until_its_claim_was_told(store: Store) -> None:
    name, claims = uuid4().hex, store.expense_claims
    posted = _part(state=PartState.POSTED)
    await claims.put(name, _CLAIM, posted)
    assert await claims.untold(name, "5") == [_CLAIM]
    await claims.told(name, _CLAIM, "5")
    await claims.put(name, _CLAIM, posted)
    assert await claims.untold(name, "5") == []
    await claims.put(name, _CLAIM, _part("b", PartState.POSTED))
    assert await claims.untold(name, "5") == [_CLAIM]


async def test_a_claim_is_told_again_while_an_expense_waits_for_it(store: Store) -> None:
    name, claims = uuid4().hex, store.expense_claims
    await claims.put(name, _CLAIM, _part())
    await claims.told(name, _CLAIM, "5")
    assert await claims.untold(name, "5") == [_CLAIM]


async def test_an_expense_that_moves_leaves_its_old_claim_and_both_are_told(store: Store) -> None:
    name, claims = uuid4().hex, store.expense_claims
    await claims.put(name, _CLAIM, _part())
    await claims.told(name, _CLAIM, "5")
    await claims.put(name, _OTHER, _part("b"))
    await claims.leave(name, "5", stays_in=_OTHER)
    assert await claims.untold(name, "5") == [_CLAIM, _OTHER]
    assert [part.state for part in await claims.parts(name, _CLAIM)] == [PartState.OUT]
    assert [part.version for part in await claims.parts(name, _OTHER)] == ["b"]


async def test_a_review_is_not_saved_over_one_that_was_not_read(store: Store) -> None:
    name, claims = uuid4().hex, store.expense_claims
    review, version = await claims.review(name, _CLAIM)
    assert (review, version) == (ClaimReview(), 0)
    await claims.save(name, _CLAIM, ClaimReview(told=("5:a",)), 0)
    for stale in (0, 7):
        with pytest.raises(StaleRow):
            await claims.save(name, _CLAIM, ClaimReview(), stale)
    assert (await claims.review(name, _CLAIM))[0].told == ("5:a",)
