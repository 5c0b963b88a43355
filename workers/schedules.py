"""Schedules of the errands: made or brought up to date, whoever starts first and how often.

A period that a person set, and a pause, outlive every restart: the settings only say with which
period a schedule begins.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from activities.errands import AlertsInput, SweepInput
from activities.reconciling import TieOutInput
from activities.signatures import Contract
from activities.telling import LOWEST
from documents.naming import (
    ALERTS,
    SWEEP,
    TIE_OUT,
    WORKFLOW_TASK_QUEUE,
    alerts_id,
    sweep_id,
    tie_out_id,
)
from workers.connections import ConnectionSettings
from workers.refusal import Refusal
from workers.settings import AppSettings
from workflows.attributes import CONNECTION

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=1)
"""A sweep must have ended before the next one, and a day that nobody swept is noticed."""

CATCH_UP = timedelta(minutes=1)
"""After an outage one run is enough, because each goes on from its watermark: what was missed
longer ago than this is not made up for."""

DAILY_CATCH_UP = timedelta(hours=12)
"""What runs once a day is made up for: otherwise an outage at its minute costs a whole day."""

_PERIOD, _BY_HAND, _SETTINGS = "period", "set by hand", "by the settings"
"""The runs' memo says who chose the period. The schedule's note is for people."""

_LOG = logging.getLogger("tieout.schedules")


@dataclass(frozen=True)
class Errand:
    """A workflow that runs again and again for one connection."""

    schedule_id: str
    workflow: str
    start: Contract
    connection: str
    every: timedelta
    by_hand: bool = False
    catch_up: timedelta = CATCH_UP

    @property
    def schedule(self) -> Schedule:
        """As it begins: runs never overlap, and they come after everything that is urgent."""
        return Schedule(
            action=ScheduleActionStartWorkflow(
                self.workflow,
                self.start,
                id=self.schedule_id,
                task_queue=WORKFLOW_TASK_QUEUE,
                typed_search_attributes=TypedSearchAttributes(
                    [SearchAttributePair(CONNECTION, self.connection)]
                ),
                memo={_PERIOD: _BY_HAND if self.by_hand else _SETTINGS},
                priority=LOWEST,
            ),
            spec=period(self.every),
            policy=SchedulePolicy(
                overlap=ScheduleOverlapPolicy.SKIP,
                catchup_window=self.catch_up,
                pause_on_failure=False,
            ),
        )


def sweep_of(connection: ConnectionSettings) -> Errand:
    """The sweep of a connection, every so often as its settings say."""
    start = SweepInput(
        connection=connection.name,
        source=connection.source.system,
        target=connection.target.system,
    )
    every = timedelta(seconds=connection.sweep.every_seconds)
    return Errand(sweep_id(connection.name), SWEEP, start, connection.name, every)


def alerts_of(connection: ConnectionSettings, every: timedelta) -> Errand:
    """The rounds of alerts of a connection."""
    start = AlertsInput(connection=connection.name, source=connection.source.system)
    return Errand(alerts_id(connection.name), ALERTS, start, connection.name, every)


def tie_out_of(connection: ConnectionSettings) -> Errand:
    """The tie-out of a connection's open periods, once a day: it reads whole months."""
    start = TieOutInput(connection=connection.name, source=connection.source.system)
    identity = tie_out_id(connection.name)
    return Errand(
        identity, TIE_OUT, start, connection.name, timedelta(days=1), catch_up=DAILY_CATCH_UP
    )


def errands(settings: AppSettings, connections: Iterable[ConnectionSettings]) -> list[Errand]:
    """Everything that has to run by the clock. Nobody is alerted where no channel is set."""
    connections = list(connections)
    found = [sweep_of(connection) for connection in connections]
    found += [tie_out_of(connection) for connection in connections]
    if settings.alerts.channels:
        every = timedelta(seconds=settings.alerts.every_seconds)
        found += [alerts_of(connection, every) for connection in connections]
    return found


def period(every: timedelta) -> ScheduleSpec:
    """Every so often. Raises Refusal for a period that cannot be kept."""
    if not SHORTEST <= every <= LONGEST:
        raise Refusal(
            f"a period of {every.total_seconds():g} seconds is impossible: "
            f"it must be between {SHORTEST.seconds} seconds and {LONGEST.days} day"
        )
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)])


async def keep(client: Client, errand: Errand) -> ScheduleHandle:
    """Make the schedule of an errand, or bring it up to date. A period that a person set stays
    unless a person sets another; whether it is paused stays in any case.

    Raises Refusal for an impossible period, RPCError when Temporal does not take it.
    """

    async def updated(present: ScheduleUpdateInput) -> ScheduleUpdate:
        known = present.description.schedule
        wanted = errand.schedule
        if not errand.by_hand and await _is_by_hand(client, known):
            wanted = replace(errand, by_hand=True).schedule
            # Whatever it is: people may have given it a calendar in Temporal itself.
            wanted.spec = known.spec
        wanted.state = known.state
        return ScheduleUpdate(wanted)

    try:
        return await client.create_schedule(errand.schedule_id, errand.schedule)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(errand.schedule_id)
        await handle.update(updated)
        return handle


async def _is_by_hand(client: Client, schedule: Schedule) -> bool:
    """Whether a person chose the period: the memo comes back as it is stored."""
    action = schedule.action
    memo = action.memo if isinstance(action, ScheduleActionStartWorkflow) else None
    said = (memo or {}).get(_PERIOD)
    if not isinstance(said, Payload):
        return False
    (text,) = await client.data_converter.decode([said], [str])
    return bool(text == _BY_HAND)


async def keep_all(client: Client, wanted: Iterable[Errand]) -> None:
    """Keep every schedule; where Temporal does not let us, say so and go on: the documents
    themselves need no schedule. Raises nothing that Temporal answers."""
    for errand in wanted:
        try:
            await keep(client, errand)
        except RPCError as error:
            _LOG.warning(
                "schedule not made", extra={"schedule": errand.schedule_id}, exc_info=error
            )
