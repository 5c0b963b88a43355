"""The catch-up sweep: webhooks are hints, this finds what they missed."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.errands import (
        SWEPT_KINDS,
        SweepInput,
        SweepRequest,
        SweepResult,
        SweepSteps,
        Swept,
        WebhookCheck,
        Woken,
    )
    from documents.naming import task_queue
    from workflows.options import long_step_options, step_options


@workflow.defn(name="Sweep")
class Sweep:
    """One round over one connection. Both sides are asked at the same time, so that an outage of
    the source does not keep what waits for the target asleep. A listing that is closed to us fails
    the sweep when everything else is done."""

    @workflow.init
    def __init__(self, request: SweepInput) -> None:
        self._refused: list[ActivityError] = []

    @workflow.run
    async def run(self, request: SweepInput) -> SweepResult:
        (listings, webhooks), woken = await asyncio.gather(
            self._source_side(request), self._target_side(request)
        )
        result = SweepResult(listings=listings, webhooks=webhooks, woken=woken)
        workflow.set_current_details(_told(result))
        for error in self._refused:
            raise error
        return result

    async def _source_side(self, request: SweepInput) -> tuple[tuple[Swept, ...], WebhookCheck]:
        queue = task_queue(request.source, request.connection)
        listings = [await self._listing_or_none(request, queue, kind) for kind in SWEPT_KINDS]
        webhooks: WebhookCheck = await workflow.execute_activity_method(
            SweepSteps.check_webhooks, request, **step_options(queue, "check the webhooks")
        )
        return tuple(each for each in listings if each), webhooks

    async def _listing_or_none(self, request: SweepInput, queue: str, kind: str) -> Swept | None:
        try:
            return await self._listing(request, queue, kind)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self._refused.append(error)
            return None

    async def _listing(self, request: SweepInput, queue: str, kind: str) -> Swept:
        swept: Swept = await workflow.execute_activity_method(
            SweepSteps.sweep_changes,
            SweepRequest(connection=request.connection, source=request.source, kind=kind),
            **long_step_options(queue, f"hand over what changed: {kind}"),
        )
        return swept

    async def _target_side(self, request: SweepInput) -> Woken:
        queue = task_queue(request.target, request.connection)
        woken: Woken = await workflow.execute_activity_method(
            SweepSteps.wake_what_waits,
            request,
            **long_step_options(queue, "wake what waits for the target"),
        )
        return woken


def _told(result: SweepResult) -> str:
    lines = [f"- {s.kind}: {s.listed} listed, {s.told} told" for s in result.listings]
    woken = result.woken
    lines.append(f"- waiting: {woken.waiting}, {woken.told} told, {woken.changed} by a change")
    lines += [f"- changes in the target: {woken.untracked}"] if woken.untracked else []
    lines += [f"- webhook {repaired}" for repaired in result.webhooks.repaired]
    return "\n".join(lines)
