"""Billable actions, counted from history by the rules of Temporal Cloud's price list."""

from __future__ import annotations

from collections import Counter

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

_ONE_EACH = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: "start",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity",
    EventType.EVENT_TYPE_TIMER_STARTED: "timer",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "update",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "upsert",
}


def count(events: list[HistoryEvent]) -> Counter[str]:
    """Actions of one run. A signal-with-start writes two events and is billed once."""
    found = Counter(_ONE_EACH[e.event_type] for e in events if e.event_type in _ONE_EACH)
    found["retry"] = sum(
        e.activity_task_started_event_attributes.attempt - 1
        for e in events
        if e.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    if any(e.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED for e in events[:2]):
        found["signal"] -= 1
    return found


async def actions(client: Client, query: str) -> Counter[str]:
    """Actions of all runs that a visibility query finds."""
    total: Counter[str] = Counter()
    async for run in client.list_workflows(query):
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        total += count(list(history.events))
    return total
