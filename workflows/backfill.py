"""A backfill: everything of the source from a day on, page by page, for as long as it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.errands import (
        BackfillInput,
        BackfillPage,
        BackfillProgress,
        BackfillRequest,
        BackfillSteps,
    )
    from activities.tally import MOST_EXAMPLES, merged
    from documents.naming import task_queue
    from workflows.options import long_step_options

_Step = Callable[[Any, BackfillRequest], Awaitable[BackfillPage]]

KINDS = ("invoice", "credit_note", "expense", "bill")
"""Payments come with their invoices and bills."""


@workflow.defn(name="Backfill")
class Backfill:
    """Tells the processes of all documents to look, which link, post, hold or ignore them. A dry
    run goes the same way and sends nothing; at its end it compares the opening balances."""

    @workflow.init
    def __init__(self, request: BackfillInput) -> None:
        self._progress = request.progress or BackfillProgress(kind=KINDS[0])

    @workflow.run
    async def run(self, request: BackfillInput) -> BackfillProgress:
        while not self._progress.done:
            page = await self._page(request)
            self._progress = _after(self._progress, page)
            workflow.set_current_details(_told(self._progress))
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(request.model_copy(update={"progress": self._progress}))
        if request.dry_run:
            balances = await self._step(request, BackfillSteps.opening_balances, "compare balances")
            self._progress = self._progress.model_copy(update={"opening": balances.opening})
        return self._progress

    async def _page(self, request: BackfillInput) -> BackfillPage:
        step = BackfillSteps.rehearse_page if request.dry_run else BackfillSteps.backfill_page
        return await self._step(request, step, f"{self._progress.kind}: next page")

    async def _step(self, request: BackfillInput, step: _Step, summary: str) -> BackfillPage:
        queue = task_queue(request.source, request.connection)
        page: BackfillPage = await workflow.execute_activity_method(
            step,
            BackfillRequest(
                connection=request.connection,
                source=request.source,
                kind=self._progress.kind,
                since=request.since,
                after=self._progress.after,
                dry_run=request.dry_run,
            ),
            **long_step_options(queue, summary),
        )
        return page

    @workflow.query(name="progress", description="How far it has come, and what became of what.")
    def progress(self) -> BackfillProgress:
        return self._progress


def _after(progress: BackfillProgress, page: BackfillPage) -> BackfillProgress:
    """The progress behind a page: further in this listing, in the next one, or done."""
    position = KINDS.index(progress.kind)
    is_last = not page.after and position + 1 == len(KINDS)
    kind = progress.kind if page.after or is_last else KINDS[position + 1]
    documents = progress.documents + page.documents
    return progress.model_copy(
        update={
            "kind": kind,
            "after": page.after,
            "pages": progress.pages + 1,
            "documents": documents,
            "expected": max(progress.expected, page.total, documents),
            "lines": merged(progress.lines, page.lines),
            "examples": (*progress.examples, *page.examples)[:MOST_EXAMPLES],
            "done": is_last,
        }
    )


def _told(progress: BackfillProgress) -> str:
    lines = [f"{progress.documents} documents in {progress.pages} pages"]
    lines += [
        f"- {line.kind}, {line.outcome}: {line.number} ({line.amount or 'amount unknown'})"
        for line in progress.lines
    ]
    return "\n".join(lines)
