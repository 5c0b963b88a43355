"""The process of a claim, from its expenses to the last payment."""

from __future__ import annotations

from temporalio.testing import WorkflowEnvironment

from tests.expenses.claim_house import paid_claim


async def test_a_claim_is_asked_once_told_and_closed_when_all_is_paid(
    temporal_env: WorkflowEnvironment,
) -> None:
    _, desk, result = await paid_claim(temporal_env.client)
    assert result.reason == "all 3 expenses are paid"
    assert desk.asked == ["claim 1-2026M03 over 360.00 USD"]
    assert sorted(desk.told) == ["5000001", "5000002", "5000003"]
