"""Bulk retry: telling the held documents of one cause to try again, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.context import Workplace
from activities.signatures_bulk import BULK_PAGE, BulkSteps, RetriedPage, RetryPageRequest
from documents.naming import PROCESSES, process_id
from documents.row import DocumentRow


@dataclass(frozen=True)
class BulkActivities(BulkSteps):
    """Each document is told once per bulk retry: the update's id names bulk and document, so a
    page that is carried out again after a crash tells nobody twice."""

    place: Workplace
    client: Callable[[], Client]

    @activity.defn(name="retry a page of holds")
    async def retry_page(self, request: RetryPageRequest) -> RetriedPage:
        """Tell one page of held documents, at most `per_second` in a second."""
        bulk, documents = request.bulk, self.place.store.documents
        rows = await documents.held(bulk.connection, bulk.cause, request.after, BULK_PAGE)
        retried = 0
        for row in rows:
            retried += await self._retry(row, request)
            await asyncio.sleep(1 / bulk.per_second)
        after = documents.cursor(rows[-1]) if len(rows) == BULK_PAGE else ""
        return RetriedPage(retried=retried, gone=len(rows) - retried, after=after)

    async def _retry(self, row: DocumentRow, request: RetryPageRequest) -> bool:
        if row.kind not in PROCESSES:
            return False
        workflow_id = process_id(row.connection, row.kind, row.source_id)
        run = activity.info().workflow_run_id
        decision = {"action": "retry", "who": request.bulk.who, "why": request.bulk.why}
        try:
            await (
                self.client()
                .get_workflow_handle(workflow_id)
                .execute_update("resolve", decision, id=f"bulk-{run}-{row.source_id}")
            )
        except WorkflowUpdateFailedError:
            return False  # not held any more: somebody was faster
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True
