"""Export of traces and metrics by OTLP over HTTP, for a process that is configured to."""

from datetime import timedelta

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_EXPORT_EVERY = timedelta(seconds=15)


def spans(endpoint: str) -> BatchSpanProcessor:
    """Return what sends finished spans to the collector at ``endpoint``, in batches."""
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces"))


def metrics(endpoint: str) -> PeriodicExportingMetricReader:
    """Return what sends all metrics to the collector at ``endpoint`` again and again."""
    return PeriodicExportingMetricReader(
        OTLPMetricExporter(endpoint=f"{endpoint}/v1/metrics"),
        export_interval_millis=_EXPORT_EVERY.total_seconds() * 1000,
    )
