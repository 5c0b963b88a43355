"""The demo's story of the expenses ends as it promises."""

from __future__ import annotations

from tests.e2e.expenses import open_claims
from tests.e2e.house import CONNECTION, TODAY, House
from workers.answers import Answers
from workers.demo.expenses_story import ExpensesStory


async def test_the_story_of_the_expenses_ends_as_it_promises(house: House) -> None:
    claims = await open_claims(house)
    answers = Answers(house.client, claims.seal, CONNECTION)
    told: list[str] = []
    story = ExpensesStory(house.clerk, claims.payables, answers, told.append, TODAY)
    await story.play()
    assert await story.is_as_told()
    assert len(told) == 8
