"""The tie-out: a long reconciliation of both sides of one connection, period by period."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
)

with workflow.unsafe.imports_passed_through():
    from activities.reconciling import (
        BeginRequest,
        Begun,
        Compared,
        ConcludeRequest,
        LookAgainRequest,
        LookedAgain,
        Periods,
        PeriodsRequest,
        Repaired,
        RunRequest,
        Staged,
        StageRequest,
        SumRequest,
        Sums,
        TieOutInput,
        TieOutProgress,
        TieOutResult,
        TieOutSteps,
    )
    from documents.naming import TIE_OUT, task_queue, tie_out_id
    from documents.tieout import Check, TieOutSummary
    from workflows.attributes import CONNECTION
    from workflows.checks import checks_of, looked_at
    from workflows.options import long_step_options

_LOWEST = Priority(priority_key=5)
_DONE = "done"
_MOST_PASSES = 2
_SETTLE = timedelta(seconds=10)
"""What a process that was told to repair something gets before it is looked at again."""

_SCHEDULED = "TemporalScheduledStartTime"


@workflow.defn(name="TieOut")
class TieOut:
    """Stages both sides side by side, compares them, looks again, repairs what is safe, and says
    what is left. Everything goes behind the traffic of the day."""

    @workflow.init
    def __init__(self, request: TieOutInput) -> None:
        self._request = request
        self._source_queue = task_queue(request.source, request.connection)
        progress = request.progress or TieOutProgress()
        self._begun = progress.begun
        self._places = dict(progress.places)
        self._passes = progress.passes
        self._lines = 0
        self._stage = "beginning"

    @workflow.run
    async def run(self, request: TieOutInput) -> TieOutResult:
        if not request.period:
            return await self._every_period()
        wanted = tie_out_id(request.connection, request.period)
        if workflow.info().workflow_id != wanted:
            # Two runs over one period would end each other's breaks: the id keeps them apart.
            raise ApplicationError(
                f"the tie-out of a period runs as {wanted}", type="WrongId", non_retryable=True
            )
        return TieOutResult(summaries=(await self._tie_out(request.period),))

    async def _every_period(self) -> TieOutResult:
        """Each as a workflow of its own, under the id of a start by hand. One that is under way
        is as good; one that fails does not keep the others from their turn."""
        summaries: list[TieOutSummary] = []
        failure: ChildWorkflowError | None = None
        for period in (await self._open_periods()).periods:
            self._tell(f"{period}: at work")
            try:
                summaries += (await self._tied_out(period)).summaries
            except WorkflowAlreadyStartedError:
                workflow.logger.info("a tie-out of %s is under way already", period)
            except ChildWorkflowError as error:
                if workflow.cancellation_reason() is not None:
                    raise
                failure = error
        if failure is not None:
            raise failure
        return TieOutResult(summaries=tuple(summaries))

    async def _tied_out(self, period: str) -> TieOutResult:
        connection = self._request.connection
        result: TieOutResult = await workflow.execute_child_workflow(
            TIE_OUT,
            self._request.model_copy(update={"period": period}),
            id=tie_out_id(connection, period),
            search_attributes=TypedSearchAttributes([SearchAttributePair(CONNECTION, connection)]),
            priority=_LOWEST,
            result_type=TieOutResult,
        )
        return result

    @workflow.query(name="status", description="Where the tie-out is.")
    def status(self) -> str:
        return self._stage

    async def _tie_out(self, period: str) -> TieOutSummary:
        """One pass over a period, and after repairs another, so that the figures are those after
        them."""
        summary, repaired = await self._pass(period)
        if repaired.told and self._passes < _MOST_PASSES:
            summary, _ = await self._pass(period)
        return summary

    async def _pass(self, period: str) -> tuple[TieOutSummary, Repaired]:
        begun = self._begun = self._begun or await self._begin(period)
        self._tell(f"{period}: reading both sides")
        await asyncio.gather(self._read_source(begun), self._read_target(begun))
        self._tell(f"{period}: comparing")
        compared = await self._compare(begun)
        checks = await self._checks(begun)
        looked = await self._look_again(begun, repaired_only=False)
        begun = looked_at(begun, looked)
        repaired = await self._repair_and_look(begun)
        if repaired.refused:
            begun = _provisional(begun, repaired.refused)
        summary: TieOutSummary = await self._step(
            TieOutSteps.conclude,
            ConcludeRequest(begun=begun, checks=checks),
            self._source_queue,
            "conclude",
        )
        self._tell(f"{period}: {summary.verdict}; {compared.found} differences were found")
        self._begun, self._places = None, {}
        self._passes += 1
        return summary, repaired

    async def _open_periods(self) -> Periods:
        scheduled = workflow.info().typed_search_attributes
        at = next((pair.value for pair in scheduled if pair.key.name == _SCHEDULED), None)
        request = PeriodsRequest(connection=self._request.connection, at=at)
        found: Periods = await self._step(
            TieOutSteps.open_periods, request, self._source_queue, "which periods are open"
        )
        return found

    async def _begin(self, period: str) -> Begun:
        request = BeginRequest(
            connection=self._request.connection,
            period=period,
            workflow_run=f"{workflow.info().first_execution_run_id}/{self._passes}",
            kinds=self._request.kinds,
        )
        begun: Begun = await self._step(
            TieOutSteps.begin, request, self._source_queue, f"begin {period}"
        )
        return begun

    async def _read_source(self, begun: Begun) -> None:
        for listing in begun.source_listings:
            await self._read(begun, listing, "source", TieOutSteps.stage_source, self._source_queue)

    async def _read_target(self, begun: Begun) -> None:
        for listing in begun.target_listings:
            await self._read(begun, listing, "target", TieOutSteps.stage_target, begun.target_queue)

    async def _read(
        self, begun: Begun, listing: str, side: str, step: Callable[..., Any], queue: str
    ) -> None:
        place = f"{listing}@{side}"
        while self._places.get(place) != _DONE:
            request = StageRequest(begun=begun, listing=listing, after=self._places.get(place, ""))
            staged: Staged = await self._step(step, request, queue, f"read {side}: {listing}")
            if staged.after and staged.after == request.after:
                raise ApplicationError(
                    f"{listing} of the {side} does not get beyond {staged.after}",
                    type="NoProgress",
                    non_retryable=True,
                )
            self._places[place] = staged.after or _DONE
            self._lines += staged.lines
            self._tell(f"{begun.period}: {self._lines} lines read")
            self._continue_as_new_when_long()

    def _continue_as_new_when_long(self) -> None:
        """What is staged is in our store: a new run goes on from the cursors. What the other
        side is reading meanwhile is read again by it, which is harmless."""
        if workflow.info().is_continue_as_new_suggested():
            progress = TieOutProgress(
                passes=self._passes,
                begun=self._begun,
                places=self._places,
            )
            workflow.continue_as_new(self._request.model_copy(update={"progress": progress}))

    async def _compare(self, begun: Begun) -> Compared:
        compared: Compared = await self._step(
            TieOutSteps.compare, RunRequest(begun=begun), self._source_queue, "compare both sides"
        )
        return compared

    async def _checks(self, begun: Begun) -> tuple[Check, ...]:
        """The sums that must be equal whatever the single documents say."""
        credit = await self._sum(begun, "credit", self._source_queue)
        unapplied = await self._sum(begun, "unapplied", begun.target_queue)
        if not begun.control_accounts:
            return checks_of(credit, unapplied, None, None)
        subledger = await self._sum(begun, "subledger", begun.target_queue)
        accounts = [
            await self._sum(begun, account, begun.target_queue)
            for account in begun.control_accounts
        ]
        return checks_of(credit, unapplied, subledger, accounts)

    async def _sum(self, begun: Begun, what: str, queue: str) -> Sums:
        request = SumRequest(begun=begun, what=what)
        found: Sums = await self._step(TieOutSteps.add_up, request, queue, f"add up {what}")
        return found

    async def _look_again(self, begun: Begun, *, repaired_only: bool) -> LookedAgain:
        request = LookAgainRequest(begun=begun, repaired_only=repaired_only)
        looked: LookedAgain = await self._step(
            TieOutSteps.look_again, request, self._source_queue, "look again at every break"
        )
        return looked

    async def _repair_and_look(self, begun: Begun) -> Repaired:
        """Tell the processes, give them a moment, and see what it helped."""
        self._tell(f"{begun.period}: repairing")
        repaired: Repaired = await self._step(
            TieOutSteps.repair, RunRequest(begun=begun), self._source_queue, "repair what is safe"
        )
        if repaired.told:
            await workflow.sleep(_SETTLE)
            await self._look_again(begun, repaired_only=True)
        return repaired

    async def _step(self, step: Callable[..., Any], request: Any, queue: str, summary: str) -> Any:
        options = {**long_step_options(queue, summary), "priority": _LOWEST}
        return await workflow.execute_activity_method(step, request, **options)

    def _tell(self, stage: str) -> None:
        self._stage = stage
        workflow.set_current_details(f"**Tie-out of {self._request.connection}**\n\n{stage}")


def _provisional(begun: Begun, why: str) -> Begun:
    """The same run, which nobody signs."""
    note = "; ".join(filter(None, (begun.note, why)))
    return begun.model_copy(update={"note": note, "is_provisional": True})
