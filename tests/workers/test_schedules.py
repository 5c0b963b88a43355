"""Schedules: made once, brought up to date, and never against what a person decided."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleOverlapPolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.testing import WorkflowEnvironment

from activities.telling import LOWEST
from tests.gateway.conftest import make_connection
from workers.refusal import Refusal
from workers.schedules import CATCH_UP, Errand, errands, keep, sweep_of, tie_out_of
from workers.settings import load_settings


@pytest.fixture
async def errand(temporal_env: WorkflowEnvironment) -> AsyncIterator[Errand]:
    """A sweep whose schedule is gone after the test."""
    made = sweep_of(make_connection(f"paper-{uuid4().hex[:8]}"))
    yield made
    await temporal_env.client.get_schedule_handle(made.schedule_id).delete()


async def _described(client: Client, errand: Errand) -> ScheduleDescription:
    return await client.get_schedule_handle(errand.schedule_id).describe()


def _every(found: ScheduleDescription) -> timedelta:
    (interval,) = found.schedule.spec.intervals
    return interval.every


async def test_a_schedule_is_made_as_the_settings_say(
    temporal_env: WorkflowEnvironment, errand: Errand
) -> None:
    await keep(temporal_env.client, errand)
    found = await _described(temporal_env.client, errand)
    policy, action = found.schedule.policy, found.schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert action.priority == LOWEST
    assert _every(found) == timedelta(seconds=300)
    assert (policy.overlap, policy.catchup_window, policy.pause_on_failure) == (
        ScheduleOverlapPolicy.SKIP,
        CATCH_UP,
        False,
    )


async def test_other_settings_change_it_and_the_same_ones_do_not(
    temporal_env: WorkflowEnvironment, errand: Errand
) -> None:
    client = temporal_env.client
    for every in (300, 300, 60):
        await keep(client, replace(errand, every=timedelta(seconds=every)))
        assert _every(await _described(client, errand)) == timedelta(seconds=every)


async def test_a_pause_and_a_period_set_by_hand_outlive_a_restart(
    temporal_env: WorkflowEnvironment, errand: Errand
) -> None:
    client = temporal_env.client
    by_hand = replace(errand, every=timedelta(seconds=90), by_hand=True)
    handle = await keep(client, by_hand)
    await handle.pause(note="an engineer's own words")
    for _ in range(2):
        await keep(client, errand)
    found = await _described(client, errand)
    assert (_every(found), found.schedule.state.paused) == (timedelta(seconds=90), True)
    await keep(client, replace(by_hand, every=timedelta(seconds=30)))
    assert _every(await _described(client, errand)) == timedelta(seconds=30)


@pytest.mark.parametrize("seconds", [0, 9, 86_401])
async def test_an_impossible_period_is_refused(
    temporal_env: WorkflowEnvironment, seconds: int
) -> None:
    errand = replace(
        sweep_of(make_connection("paper")), every=timedelta(seconds=seconds), by_hand=True
    )
    with pytest.raises(Refusal, match="between 10 seconds and 1 day"):
        await keep(temporal_env.client, errand)


def test_nobody_looks_for_trouble_where_nobody_is_told() -> None:
    connections = [make_connection("one"), make_connection("two")]
    silent = {e.schedule_id for e in errands(load_settings(), connections)}
    told = load_settings(alerts={"slack_url": "https://hooks.example.com/x"})
    heard = {e.schedule_id for e in errands(told, connections)}
    assert silent >= {"sweep/one", "sweep/two"}
    assert heard - silent == {"alerts/one", "alerts/two"}


def test_a_daily_tie_out_is_made_up_for_after_an_outage_at_its_minute() -> None:
    connection = make_connection("paper")
    policy = tie_out_of(connection).schedule.policy
    assert policy.catchup_window == timedelta(hours=12)
    assert sweep_of(connection).schedule.policy.catchup_window == CATCH_UP


async def test_a_calendar_that_a_person_set_outlives_a_restart_too(
    temporal_env: WorkflowEnvironment, errand: Errand
) -> None:
    """Set by hand once, then changed in Temporal itself: the worker must start all the same."""
    client = temporal_env.client
    handle = await keep(client, replace(errand, by_hand=True))

    def at_night(present: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = present.description.schedule
        schedule.spec = ScheduleSpec(cron_expressions=["30 2 * * *"], time_zone_name="Europe/Oslo")
        return ScheduleUpdate(schedule)

    await handle.update(at_night)
    for _ in range(2):
        await keep(client, errand)
        spec = (await _described(client, errand)).schedule.spec
        assert (len(spec.calendars), spec.intervals) == (1, [])
        assert spec.time_zone_name == "Europe/Oslo"
