"""OpenTelemetry: traces and metrics of a process, and trace context in Kafka headers.

Metrics are always there for ``/metrics``. Traces and metrics leave the process by OTLP when an
endpoint is configured; when none is, nothing is sent and nothing complains. Trace ids exist either
way, so that log lines and messages of one story can be joined.
"""

import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata as packages
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.util.types import AttributeValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kakehashi_common.logs import set_up_logs
from kakehashi_common.settings import TelemetrySettings

tracer = trace.get_tracer("kakehashi_common")

TRACEPARENT = "traceparent"
"""The header's name, for HTTP and Kafka alike. Source: W3C Trace Context, section 3.2."""

MAX_LINKS = 32
"""Traces that a batch's span links to: enough to follow a message, cheap enough to always do."""

_TRACEPARENT_FORMAT = re.compile(rb"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

VIEWS: Final = (
    View(
        instrument_name="http.server.*",
        attribute_keys={"http.method", "http.target", "http.status_code"},
    ),
)
"""The attributes of other libraries' metrics that become labels.

Each value of a label is kept for as long as the process lives: the instrumentation of HTTP also
offers what a caller makes up, such as ``Host`` (``http.server_name``). Of what is kept, a method
that HTTP doesn't know is ``_OTHER`` and the target is the route's path, absent where there is none.
"""

Headers = Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Telemetry:
    """Telemetry that :func:`set_up` started."""

    traces: TracerProvider
    meters: MeterProvider

    def close(self) -> None:
        """Send what is left and stop. Blocks for a few seconds at most."""
        self.traces.shutdown()
        self.meters.shutdown(timeout_millis=5_000)


def set_up(settings: TelemetrySettings, *, process: str) -> Telemetry:
    """Start logs, metrics and traces of this process; call it once, before anything else.

    ``process`` is the part of the service this is: ``api``, ``consumer``, ``relay``, ``worker``.
    """
    set_up_logs(
        settings.log_level, settings.log_format, service=settings.service_name, process=process
    )
    resource = Resource.create(
        {
            "service.namespace": "kakehashi",
            "service.name": settings.service_name,
            "service.version": _version(settings.service_name),
            "service.instance.id": f"{socket.gethostname()}/{process}/{os.getpid()}",
        }
    )
    readers: list[MetricReader] = [PrometheusMetricReader(scope_info_enabled=False)]
    traces = TracerProvider(
        resource=resource, sampler=ParentBasedTraceIdRatio(settings.sample_ratio)
    )
    if settings.otlp_endpoint is not None:
        # Only here: protobuf and an HTTP client take a process longer to load than the rest.
        from kakehashi_common import otlp  # noqa: PLC0415

        traces.add_span_processor(otlp.spans(settings.otlp_endpoint))
        readers.append(otlp.metrics(settings.otlp_endpoint))
    meters = MeterProvider(metric_readers=readers, resource=resource, views=VIEWS)
    trace.set_tracer_provider(traces)
    metrics.set_meter_provider(meters)
    return Telemetry(traces, meters)


def prometheus() -> tuple[bytes, str]:
    """Return the metrics as ``/metrics`` shows them, and their content type."""
    return generate_latest(), CONTENT_TYPE_LATEST


def traceparent() -> str | None:
    """Return the ``traceparent`` of the current span, ``None`` outside of any trace."""
    return format_traceparent(trace.get_current_span().get_span_context())


def format_traceparent(span: SpanContext) -> str | None:
    """Return ``span`` as a ``traceparent``, ``None`` when it is not valid."""
    if not span.is_valid:
        return None
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"


def parse_traceparent(value: bytes | str | None) -> SpanContext | None:
    """Return the remote span that ``value`` names; ``None`` for anything that is not one.

    A malformed value is ignored, as W3C Trace Context asks: it never costs a message.
    """
    if value is None:
        return None
    match = _TRACEPARENT_FORMAT.match(value.encode() if isinstance(value, str) else value)
    if match is None:
        return None
    span = SpanContext(
        trace_id=int(match[1], 16),
        span_id=int(match[2], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(match[3], 16) & TraceFlags.SAMPLED),
    )
    return span if span.is_valid else None


def remote_span(headers: Headers) -> SpanContext | None:
    """Return the span that published a message with ``headers``, if it said so."""
    for name, value in headers:
        if name == TRACEPARENT:
            return parse_traceparent(value)
    return None


def links(batch: Iterable[Headers], limit: int = MAX_LINKS) -> list[Link]:
    """Return links to the first ``limit`` distinct traces in a batch of messages' headers."""
    found: dict[int, Link] = {}
    for headers in batch:
        span = remote_span(headers)
        if span is not None and span.trace_id not in found:
            found[span.trace_id] = Link(span)
            if len(found) == limit:
                break
    return list(found.values())


@contextmanager
def batch_span(
    name: str,
    batch: Iterable[Headers],
    *,
    kind: SpanKind = SpanKind.CONSUMER,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Iterator[Span]:
    """Span the work on a batch of messages, linked to the traces they come from."""
    with tracer.start_as_current_span(
        name, context=Context(), kind=kind, attributes=attributes, links=links(batch)
    ) as span:
        yield span


def _version(package: str) -> str:
    try:
        return packages.version(package)
    except packages.PackageNotFoundError:
        return "unknown"
