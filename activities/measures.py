"""What steps tell the monitoring. Labels hold names of ours only, nothing of any document."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.signatures import DocumentRef, Look, StepResult
from documents.plan import Outcome

_SHOWN: dict[str, frozenset[str]] = {}
"""The causes that this process showed last, by connection: a gauge keeps its value."""

_FINAL = (Outcome.CLOSED, Outcome.IGNORED, Outcome.HELD)


def step(seconds: float) -> None:
    """One attempt of the running step took so many seconds, whatever came of it."""
    meter = activity.metric_meter()
    histogram = meter.create_histogram_float("tieout_step_seconds", "time of one step", "s")
    histogram.record(seconds, {"step": activity.info().activity_type})


def outcome(document: object, result: object) -> None:
    """A document came to an outcome: posted by a step, or closed, ignored, held by a look."""
    if not isinstance(document, DocumentRef):
        return
    if isinstance(result, StepResult) and result.posted and result.number:
        _count(document, activity.info().activity_type)
    elif isinstance(result, Look) and result.plan.outcome in _FINAL and not result.plan.steps:
        _count(document, result.plan.outcome.value)


def held(document: object) -> None:
    """A step held its document."""
    if isinstance(document, DocumentRef):
        _count(document, Outcome.HELD.value)


def held_now(connection: str, by_cause: Mapping[str, int]) -> None:
    """How many documents are held at this moment; a cause that is over is shown as zero."""
    gauge = activity.metric_meter().create_gauge("tieout_holds", "documents held now", "1")
    over = _SHOWN.get(connection, frozenset()) - by_cause.keys()
    for cause, count in {**dict.fromkeys(over, 0), **by_cause}.items():
        gauge.set(count, {"connection": connection, "cause": cause})
    _SHOWN[connection] = frozenset(by_cause)


def _count(document: DocumentRef, outcome: str) -> None:
    counter = activity.metric_meter().create_counter(
        "tieout_documents", "documents that came to an outcome", "1"
    )
    labels = {"kind": document.kind.value, "outcome": outcome, "connection": document.connection}
    counter.add(1, labels)
