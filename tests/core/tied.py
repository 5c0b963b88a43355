"""A tie-out of this month over both systems, by its own steps, without Temporal."""

from __future__ import annotations

from uuid import uuid4

from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.books import source_listings, target_listings
from activities.reconciling import (
    Begun,
    ConcludeRequest,
    LookAgainRequest,
    RunRequest,
    StageRequest,
)
from activities.telling import Messengers
from activities.tie_out import TieOutActivities
from documents.tieout import Break, BreakState, TieOutSummary
from policies.tieout.periods import Period
from tests.core.decided import PERIOD
from tests.core.desk import Desk


async def tied_out(desk: Desk) -> TieOutSummary:
    """What one run comes to. Nothing is repaired: nobody is told."""
    site, env = desk.site, ActivityEnvironment()
    steps, begun = TieOutActivities(site.place, Messengers(_nobody)), await _begun(desk)
    for listing in begun.source_listings:
        await env.run(steps.stage_source, StageRequest(begun=begun, listing=listing))
    for listing in begun.target_listings:
        await env.run(steps.stage_target, StageRequest(begun=begun, listing=listing))
    await env.run(steps.compare, RunRequest(begun=begun))
    await env.run(steps.look_again, LookAgainRequest(begun=begun))
    return await env.run(steps.conclude, ConcludeRequest(begun=begun))


async def breaks(desk: Desk, *states: BreakState) -> list[Break]:
    name = desk.site.connection.name
    return await desk.site.store.breaks.page(name, PERIOD, states=states)


async def _begun(desk: Desk) -> Begun:
    connection, period = desk.site.connection, Period.parse(PERIOD)
    run = await desk.site.store.runs.begin(connection.name, PERIOD, uuid4().hex)
    return Begun(
        connection=connection.name,
        period=PERIOD,
        run=run.run,
        first=period.first,
        last=period.last,
        started_at=run.started_at,
        target_queue="",
        source_listings=source_listings(connection),
        target_listings=target_listings(connection, ()),
    )


def _nobody() -> Client:
    raise AssertionError("nobody is told")
