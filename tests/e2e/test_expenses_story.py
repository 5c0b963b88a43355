"""The demo's story of the expenses ends as it promises."""

from __future__ import annotations

from tests.e2e.expenses import open_claims
from tests.e2e.house import CONNECTION, TODAY, House
from workers.answers import Answers
from workers.demo.expenses_story import play_expenses


async def test_the_story_of_the_expenses_ends_as_it_promises(house: House) -> None:
    claims = await open_claims(house)
    answers = Answers(house.client, claims.seal, CONNECTION)
    told: list[str] = []
    assert await play_expenses(house.clerk, claims.payables, answers, told.append, TODAY)
    assert len(told) == 7
