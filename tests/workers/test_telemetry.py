"""Metrics and traces: the names people alert on, and nothing personal in either."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Worker

from activities import measures
from activities.signatures import DocumentRef
from documents.key import Kind
from workers.discretion import DiscreetExporter
from workers.settings import SettingsError, TelemetrySettings
from workers.telemetry import Measures, build_runtime, start_tracing, tracing_interceptor


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def test_prometheus_shows_the_business_metrics_by_their_names() -> None:
    port = _free_port()
    runtime = build_runtime(TelemetrySettings(prometheus_bind=f"127.0.0.1:{port}"))
    Measures(runtime.metric_meter).webhook("hinted")
    at_work = ActivityEnvironment()
    at_work.metric_meter = runtime.metric_meter
    at_work.run(_a_step)
    async with httpx.AsyncClient() as client:
        page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    lines = [line for line in page.splitlines() if line.startswith("tieout_")]
    assert _has(lines, "tieout_documents_total{", 'kind="invoice"', 'outcome="held"', "} 1")
    assert _has(lines, "tieout_webhooks_total{", 'outcome="hinted"', "} 1")
    assert _has(lines, "tieout_holds{", 'cause="account-unknown"', "} 3")
    assert _has(lines, "tieout_holds{", 'cause="over"', "} 0")
    assert _has(lines, "tieout_step_seconds_bucket{", 'le="0.25"', "} 1")
    assert _has(lines, "tieout_step_seconds_sum{", "} 0.2")


def _a_step() -> None:
    document = DocumentRef(connection="demo-nav", kind=Kind.INVOICE, source_id="1234567")
    measures.held(document)
    measures.step(0.2)
    measures.held_now("demo-nav", {"over": 1})
    measures.held_now("demo-nav", {"account-unknown": 3})


def _has(lines: list[str], *parts: str) -> bool:
    return any(all(part in line for part in parts) for line in lines)


def test_a_metrics_page_beyond_loopback_is_refused() -> None:
    with pytest.raises(SettingsError, match="trusted_network"):
        build_runtime(TelemetrySettings(prometheus_bind="0.0.0.0:0"))


def test_without_an_endpoint_no_trace_leaves_the_process() -> None:
    assert start_tracing(TelemetrySettings()) is None


@pytest.fixture
def spans() -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(DiscreetExporter(kept)))
    yield provider, kept
    provider.shutdown()


def test_the_text_of_an_exception_stays_here(
    spans: tuple[TracerProvider, InMemorySpanExporter],
) -> None:
    provider, kept = spans
    with (
        pytest.raises(ValueError, match="Lovelace"),
        provider.get_tracer("t").start_as_current_span("step", attributes={"tieout.system": "nav"}),
    ):
        raise ValueError("customer: Ada Lovelace is blocked")
    (span,) = kept.get_finished_spans()
    assert "Lovelace" not in span.to_json()
    assert span.status.description == "ValueError"
    assert dict(span.attributes or {}) == {"tieout.system": "nav"}
    assert span.events[0].attributes == {
        "exception.type": "ValueError",
        "exception.escaped": "False",
    }


@activity.defn(name="refuse")
async def refuse() -> None:
    raise ApplicationError("Ada Lovelace is blocked", non_retryable=True)


@workflow.defn(name="Traced", sandboxed=False)
class Traced:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(refuse, start_to_close_timeout=timedelta(seconds=10))


async def test_one_trace_runs_from_the_caller_through_temporal_to_the_step(
    temporal_env: WorkflowEnvironment, spans: tuple[TracerProvider, InMemorySpanExporter]
) -> None:
    provider, kept = spans
    config = temporal_env.client.config()
    config["interceptors"] = [tracing_interceptor(provider)]
    client, queue = Client(**config), f"traced-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Traced], activities=[refuse]):
        with provider.get_tracer("t").start_as_current_span("webhook"):
            handle = await client.start_workflow(Traced.run, id=queue, task_queue=queue)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    finished = kept.get_finished_spans()
    assert len({json.loads(span.to_json())["context"]["trace_id"] for span in finished}) == 1
    assert {"webhook", "StartWorkflow:Traced", "RunActivity:refuse"} <= {s.name for s in finished}
    assert all("Lovelace" not in span.to_json() for span in finished)
