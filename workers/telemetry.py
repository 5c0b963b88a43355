"""Metrics and traces: one Temporal runtime and one tracer provider per process.

Labels and span attributes hold kinds, outcomes, causes and the name of a connection; never
ids of tenants, names, amounts or addresses.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from temporalio.common import MetricMeter
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    OpenTelemetryConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from workers.discretion import DiscreetExporter
from workers.settings import TelemetrySettings, check_metrics_bind

STEP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Upper bounds in seconds: from a stand-in's answer to a posting at its deadline."""


class Measures:
    """What the gateway tells; steps tell theirs themselves (activities.measures). Prometheus
    shows `tieout_webhooks_total`, `tieout_documents_total`, `tieout_step_seconds` and
    `tieout_holds`."""

    def __init__(self, meter: MetricMeter) -> None:
        # The exporter adds the suffix of a counter.
        self._webhooks = meter.create_counter("tieout_webhooks", "Webhooks by what we said", "1")

    def webhook(self, outcome: str) -> None:
        """One webhook was answered."""
        self._webhooks.add(1, {"outcome": outcome})


def build_runtime(settings: TelemetrySettings) -> Runtime:
    """The runtime of this process, with its metrics. Call once, before the first client.

    Raises SettingsError for a metrics page that anybody could read, and ValueError when its
    port is taken.
    """
    check_metrics_bind(settings)
    return Runtime(
        telemetry=TelemetryConfig(
            metrics=_metrics(settings),
            logging=_logging(),
            # The SDK's own service name would be the SDK's.
            attach_service_name=False,
            global_tags={"service_name": settings.service_name},
        ),
        # So that `temporal worker list` shows a new worker soon.
        worker_heartbeat_interval=timedelta(seconds=10),
    )


def start_tracing(
    settings: TelemetrySettings, exporter: SpanExporter | None = None
) -> TracerProvider | None:
    """Make traces leave the process; None where no endpoint is configured.

    The provider becomes the process's own, which can happen once. Shut it down before leaving,
    so that the last spans are sent.
    """
    if exporter is None and settings.otlp_endpoint is None:
        return None
    if exporter is None:
        exporter = OTLPSpanExporter(endpoint=f"{_base(settings)}/v1/traces")
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: settings.service_name}))
    provider.add_span_processor(BatchSpanProcessor(DiscreetExporter(exporter)))
    trace.set_tracer_provider(provider)
    return provider


def tracing_interceptor(provider: TracerProvider | None = None) -> TracingInterceptor:
    """Carries a trace from the gateway through Temporal to the calls of a step.

    Give it to the client, from which its workers inherit it; listing it twice doubles spans.
    """
    tracer = (provider or trace.get_tracer_provider()).get_tracer("tieout.temporal")
    return TracingInterceptor(tracer)


def _metrics(settings: TelemetrySettings) -> PrometheusConfig | OpenTelemetryConfig | None:
    buckets = {"tieout_step_seconds": STEP_SECONDS}
    if settings.prometheus_bind is not None:
        return PrometheusConfig(
            bind_address=settings.prometheus_bind,
            counters_total_suffix=True,
            durations_as_seconds=True,
            histogram_bucket_overrides=buckets,
        )
    if settings.otlp_endpoint is not None:
        return OpenTelemetryConfig(
            url=f"{_base(settings)}/v1/metrics",
            http=True,
            metric_periodicity=timedelta(seconds=10),
            durations_as_seconds=True,
            histogram_bucket_overrides=buckets,
        )
    return None


def _base(settings: TelemetrySettings) -> str:
    return (settings.otlp_endpoint or "").rstrip("/")


def _logging() -> LoggingConfig:
    """The SDK's core speaks through our loggers, in their shape."""
    return LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(
            logger=logging.getLogger("temporalio.core"), append_target_to_name=False
        ),
    )
