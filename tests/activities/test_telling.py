"""Which process a document is told to."""

from __future__ import annotations

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.telling import Messenger
from documents.key import Kind


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.REFUND, Kind.PREPAYMENT])
async def test_a_kind_without_a_process_is_not_told_to_that_of_an_invoice(
    temporal_env: WorkflowEnvironment, kind: Kind
) -> None:
    messenger = Messenger(temporal_env.client, "paper", "freshbooks")
    with pytest.raises(ValueError, match="no process of its own"):
        await messenger.tell(kind, "5")
    assert not [
        run
        async for run in temporal_env.client.list_workflows(
            "WorkflowId STARTS_WITH 'order-to-cash/paper/'"
        )
    ]
