"""Which process a document is told to."""

from __future__ import annotations

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.telling import LOWEST, Messenger
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


async def test_the_connections_take_turns_on_the_queue_of_the_processes(
    temporal_env: WorkflowEnvironment,
) -> None:
    client = temporal_env.client
    told = await Messenger(client, "turns", "freshbooks", LOWEST).tell(Kind.BILL, "5")
    handle = client.get_workflow_handle(told)
    (started, *_) = (await handle.fetch_history()).events
    turn = started.workflow_execution_started_event_attributes.priority
    assert (turn.priority_key, turn.fairness_key) == (LOWEST.priority_key, "turns")
    await handle.terminate()
