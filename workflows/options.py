"""How long the steps may take and how they are retried: one place, with the reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

_UNATTENDED = timedelta(seconds=20)

FOREVER = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)
"""Outages end: what is transient is retried for as long as it lasts. What is not is raised as
not retryable by the activity itself."""


def step_options(queue: str, summary: str) -> dict[str, Any]:
    """Options of one step. The heartbeat is beaten in the background every second or so, so a
    killed worker is noticed in seconds; the timeout covers the longest posting: two sends, each as
    long as the policy allows, and the looks around them."""
    return {
        "task_queue": queue,
        "start_to_close_timeout": timedelta(seconds=180),
        "heartbeat_timeout": timedelta(seconds=8),
        "retry_policy": FOREVER,
        "summary": summary,
    }


def first_look_options(queue: str) -> dict[str, Any]:
    """Options of a process's first step: it comes back when no worker took it, so that the
    process can say so. A name of a connection that does not exist is a queue of nobody."""
    options = step_options(queue, "look at both sides")
    return {**options, "schedule_to_start_timeout": _UNATTENDED}


def long_step_options(queue: str, summary: str) -> dict[str, Any]:
    """Options of a step that reads page by page and goes on from its last heartbeat: days of
    backlog take longer than any posting."""
    return {**step_options(queue, summary), "start_to_close_timeout": timedelta(hours=1)}
