"""Takes out of spans what a person may have typed, before they leave the process."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

_TEXTS = ("exception.message", "exception.stacktrace")


class DiscreetExporter(SpanExporter):
    """Hands spans on without the texts of exceptions.

    Temporal's interceptor and the OpenTelemetry SDK both write `str(error)` into the span's
    status and events, and the reason of a hold names a client's values. The type stays.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send the spans on, each without its texts."""
        return self._inner.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        """Send what is waiting and close."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what is waiting; False when that took longer than `timeout_millis`."""
        return self._inner.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[_without_texts(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=_kind_only(span.status),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_texts(event: Event) -> Event:
    kept = {k: v for k, v in (event.attributes or {}).items() if k not in _TEXTS}
    return Event(event.name, kept, event.timestamp)


def _kind_only(status: Status) -> Status:
    """The type of the error, which stands before the first colon, and nothing after it."""
    text = (status.description or "").partition(":")[0].strip()
    return Status(status.status_code, text if text.isidentifier() else None)
