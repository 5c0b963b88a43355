"""Watching a bulk retry at a terminal."""

from __future__ import annotations

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.signatures_bulk import BulkRetryInput
from documents.naming import BULK_RETRY
from workers.holds.bulk import watch
from workers.refusal import Refusal


async def test_a_bulk_retry_that_was_terminated_before_it_began_is_told_as_terminated(
    temporal_env: WorkflowEnvironment,
) -> None:
    """No worker ever took it, so that it answers no query: that was an unexpected error."""
    handle = await temporal_env.client.start_workflow(
        BULK_RETRY,
        BulkRetryInput(
            connection="c", cause="x", who="Ada", why="y", per_second=1, source="freshbooks"
        ),
        id="bulk-retry/terminated-before-it-began",
        task_queue="of-nobody",
    )
    await handle.terminate("as an impatient operator would")
    with pytest.raises(Refusal, match="ended as terminated"):
        await watch(handle)
