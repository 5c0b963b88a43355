"""A tie-out of the present month in one process: its real steps over both systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

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
from documents.tieout import Break, BreakState, BreakType, TieOutSummary
from policies.tieout.periods import Period
from policies.tieout.verdict import verdict
from tests.lives.desk import TODAY
from tests.lives.site import Business

PERIOD = Period.of(TODAY)
_runs = count(1)


@dataclass(frozen=True)
class TiedOut:
    """What a run came to."""

    summary: TieOutSummary
    breaks: list[Break]

    @property
    def told(self) -> set[tuple[BreakType, str]]:
        """The open breaks: type and document."""
        return {(each.type, each.match) for each in self.breaks}

    @property
    def verdict(self) -> str:
        return str(verdict(self.summary))


async def tied_out(business: Business) -> TiedOut:
    """Both sides read, compared and looked at again. Nothing is repaired, and nothing that changed
    a moment ago is taken for one of timing."""
    begun, steps, step = await _begun(business), _steps(business), ActivityEnvironment()
    for listing in begun.source_listings:
        await step.run(steps.stage_source, StageRequest(begun=begun, listing=listing))
    for listing in begun.target_listings:
        await step.run(steps.stage_target, StageRequest(begun=begun, listing=listing))
    await step.run(steps.compare, RunRequest(begun=begun))
    await step.run(steps.look_again, LookAgainRequest(begun=begun, repaired_only=False))
    summary = await step.run(steps.conclude, ConcludeRequest(begun=begun))
    page = business.store.breaks.page
    found = await page(begun.connection, begun.period, states=(BreakState.OPEN,), limit=200)
    return TiedOut(summary, found)


async def _begun(business: Business) -> Begun:
    connection, period = business.connection, str(PERIOD)
    run = await business.store.runs.begin(connection.name, period, f"run {next(_runs)}")
    return Begun(
        connection=connection.name,
        period=period,
        run=run.run,
        first=PERIOD.first,
        last=PERIOD.last,
        started_at=datetime.now(UTC) + timedelta(days=1),
        target_queue="",
        source_listings=source_listings(connection),
        target_listings=target_listings(connection, ()),
    )


def _steps(business: Business) -> TieOutActivities:
    return TieOutActivities(business.place, Messengers(_nobody))


def _nobody() -> Client:
    raise AssertionError("nobody is told anything")
