"""From a FreshBooks expense to a paid claim in NAV, through the whole house."""

from __future__ import annotations

import pytest_asyncio

from tests.e2e.expenses import Claims, open_claims
from tests.e2e.house import House


@pytest_asyncio.fixture(loop_scope="session")
async def claims(house: House) -> Claims:
    return await open_claims(house)


async def test_a_claim_is_approved_posted_paid_and_marked(claims: Claims) -> None:
    expense = await claims.enter("113.00", taxName1="HST", taxPercent1="13", notes="to Halifax")
    waiting = await claims.wait(expense, "approval")
    assert "Noor or Owen" in waiting.reason
    assert await claims.posted(expense) == []
    await claims.answer(expense, "Noor")
    await claims.wait(expense, "posted")
    (row,) = await claims.posted(expense)
    assert (row["amount"], row["currency"], row["party"]) == ("113.00", "USD", "V-ERIN")
    await claims.pay(expense)
    await claims.wait(expense, "closed")
    notes = (await claims.house.clerk.expense(expense))["notes"]
    assert notes.startswith("to Halifax\n[Tieout: paid as PPI")
