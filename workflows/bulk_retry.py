"""Bulk retry by cause: durable, rate-limited, and independent of the terminal it came from."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures_bulk import (
        BULK_PAGE,
        BulkProgress,
        BulkRetryInput,
        BulkSteps,
        RetriedPage,
        RetryPageRequest,
    )
    from documents.naming import task_queue
    from workflows.options import step_options


@workflow.defn(name="BulkRetry")
class BulkRetry:
    """Pages through the held documents of one cause and tells each to retry, once."""

    @workflow.init
    def __init__(self, request: BulkRetryInput) -> None:
        self._progress = BulkProgress()

    @workflow.run
    async def run(self, request: BulkRetryInput) -> BulkProgress:
        after = ""
        while not self._progress.done:
            page = await self._page(request, after)
            after = page.after
            self._count(page)
        return self._progress

    async def _page(self, request: BulkRetryInput, after: str) -> RetriedPage:
        queue = task_queue(request.source, request.connection)
        options = step_options(queue, f"retry what is held for {request.cause}")
        # A page at a low rate may take longer than any single posting.
        pauses = timedelta(seconds=BULK_PAGE / request.per_second)
        options["start_to_close_timeout"] = timedelta(minutes=30) + pauses
        page: RetriedPage = await workflow.execute_activity_method(
            BulkSteps.retry_page, RetryPageRequest(bulk=request, after=after), **options
        )
        return page

    def _count(self, page: RetriedPage) -> None:
        before = self._progress
        self._progress = BulkProgress(
            retried=before.retried + page.retried,
            gone=before.gone + page.gone,
            done=not page.after,
        )
        told = f"{self._progress.retried} told to retry, {self._progress.gone} no longer held"
        workflow.set_current_details(told)

    @workflow.query(name="progress", description="How many were told to retry so far.")
    def progress(self) -> BulkProgress:
        return self._progress
