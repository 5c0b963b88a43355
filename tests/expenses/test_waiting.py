"""What people say is heard, and who says nothing is reminded: by timers that really fire."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from documents.hold import UNPROVEN, Hold, HoldClass
from documents.row import Action
from tests.expenses.house import claim_of
from tests.policies.expense_model import NOOR, OWEN, ZOE, World, expense, policy

_TWO_SECONDS = 2 / 3600


def _world(amount: str = "100", **changes: Any) -> World:
    return World(policy(**changes), expense(amount, document_date=datetime.now(UTC).date()))


def _held(cause: str = "misconfigured") -> ApplicationError:
    hold = Hold(cause=cause, hold_class=HoldClass.SETUP, reason="no such address", remedy="mend")
    noted = hold.model_dump(mode="json")
    return ApplicationError(hold.reason, noted, type=cause, non_retryable=True)


async def test_an_approval_that_comes_while_a_look_runs_is_heard(
    temporal_env: WorkflowEnvironment,
) -> None:
    world = _world()
    async with claim_of(temporal_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        claim.desk.gate.clear()
        await claim.look_again()
        await claim.approve(NOOR)
        claim.desk.gate.set()
        await claim.until(lambda: world.target)


async def test_two_approvals_during_one_look_are_both_heard(
    temporal_env: WorkflowEnvironment,
) -> None:
    world = _world("900", levels=policy().levels[1:])
    async with claim_of(temporal_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        claim.desk.gate.clear()
        await claim.look_again()
        await claim.approve(OWEN)
        await claim.approve(NOOR)
        claim.desk.gate.set()
        await claim.until(lambda: world.target and world.refused)
        assert world.refused == ["nothing waits for an approval"]


async def test_an_approval_is_heard_after_a_look_that_ended_in_a_hold(
    temporal_env: WorkflowEnvironment,
) -> None:
    world = _world()
    async with claim_of(temporal_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        claim.desk.failures.append(_held())
        await claim.approve(NOOR)
        await claim.until(lambda: not claim.desk.failures)
        assert not world.target
        await claim.look_again()
        await claim.until(lambda: world.target)


async def test_a_decision_is_heard_after_a_look_that_ended_in_a_hold(
    temporal_env: WorkflowEnvironment,
) -> None:
    """Who skips what an outage of the set-up holds is not to see it posted afterwards."""
    async with claim_of(temporal_env.client, _world()) as claim:
        await claim.until(lambda: claim.desk.asked)
        claim.desk.failures += [_held(), _held()]
        await claim.look_again()
        await claim.until_held()
        await claim.decide(Action.SKIP)
        await claim.until(lambda: not claim.desk.failures)
        assert not claim.desk.decisions
        await claim.look_again()
        await claim.until(lambda: claim.desk.decisions)
        await claim.look_again()
        assert claim.desk.decisions == [Action.SKIP]


async def test_a_decision_about_a_hold_of_an_earlier_run_is_refused(
    temporal_env: WorkflowEnvironment,
) -> None:
    versions = []
    for cause in ("misconfigured", "vendor-unknown", "misconfigured"):
        async with claim_of(temporal_env.client, _world()) as claim:
            claim.desk.failures += [_held(cause)] * 2
            await claim.look_again()
            versions.append(await claim.until_held())
            if len(versions) == 2:
                with pytest.raises(WorkflowUpdateFailedError) as refused:
                    await claim.decide(Action.SKIP, versions[0])
                assert "stale" in str(refused.value.cause)
    assert versions[0] == versions[2] != versions[1]


async def test_a_decision_without_proof_is_tried_once_and_keeps_no_other_waiting(
    temporal_env: WorkflowEnvironment,
) -> None:
    async with claim_of(temporal_env.client, _world()) as claim:
        await claim.until(lambda: claim.desk.asked)
        claim.desk.failures.append(_held())
        await claim.look_again()
        await claim.until_held()
        claim.desk.gate.clear()
        claim.desk.failures.append(_held(UNPROVEN))
        await claim.decide(Action.SKIP)
        await claim.decide(Action.RETRY)
        claim.desk.gate.set()
        await claim.until(lambda: claim.desk.decisions == [Action.RETRY])


async def test_a_long_history_does_not_forget_an_approval(short_env: WorkflowEnvironment) -> None:
    world = _world()
    async with claim_of(short_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        first = (await claim.handle.describe()).run_id
        await claim.approve(NOOR)
        await claim.until(lambda: world.target)
        await claim.look_again()
        async with asyncio.timeout(20):
            runs = {first}
            while runs == {first}:
                runs.add((await claim.handle.describe()).run_id)


async def test_who_answers_before_a_new_run_has_looked_is_asked_to_wait(
    short_env: WorkflowEnvironment,
) -> None:
    world = _world()
    async with claim_of(short_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        version = world.facts().version
        claim.desk.gate.clear()
        await claim.look_again()
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await claim.approve(NOOR, version)
        assert "in a moment" in str(refused.value.cause)
        claim.desk.gate.set()


async def test_timers_remind_and_escalate_and_then_rest(temporal_env: WorkflowEnvironment) -> None:
    world = _world(remind_times=1, remind_hours=_TWO_SECONDS)
    async with claim_of(temporal_env.client, world) as claim:
        await claim.until(lambda: len(claim.desk.asked) == 3)
        assert claim.desk.asked == [(1, (NOOR,)), (2, (NOOR,)), (3, (NOOR, ZOE))]
        looks = claim.desk.looks
        await asyncio.sleep(5)
        assert claim.desk.looks <= looks + 1, "who was asked for the last time is not asked again"
        await claim.approve(ZOE)
        await claim.until(lambda: world.target)


async def test_an_answer_stops_the_reminders(temporal_env: WorkflowEnvironment) -> None:
    world = _world(remind_times=3, remind_hours=_TWO_SECONDS)
    async with claim_of(temporal_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        await claim.approve(NOOR)
        await claim.until(lambda: world.target)
        await asyncio.sleep(3)
        assert len(claim.desk.asked) == 1


async def test_no_timer_is_armed_after_a_look_that_failed(
    temporal_env: WorkflowEnvironment,
) -> None:
    world = _world(remind_hours=_TWO_SECONDS)
    async with claim_of(temporal_env.client, world) as claim:
        await claim.until(lambda: claim.desk.asked)
        claim.desk.failures.append(_held())
        await claim.look_again()
        looks = claim.desk.looks
        await asyncio.sleep(4)
        assert claim.desk.looks == looks
