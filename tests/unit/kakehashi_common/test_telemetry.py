import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext, TraceFlags

from kakehashi_common import telemetry
from kakehashi_common.logs import set_up_logs
from kakehashi_common.telemetry import (
    batch_span,
    format_traceparent,
    links,
    parse_traceparent,
    traceparent,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("test"))
    return exporter


def test_a_traceparent_survives_the_round_trip() -> None:
    span = parse_traceparent(PARENT.encode())

    assert span is not None
    assert span.is_remote
    assert span.trace_flags == TraceFlags.SAMPLED
    assert format_traceparent(span) == PARENT


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"00-xyz",
        b"\xff\xfe",
        f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE.upper()}-{SPAN}-01".encode(),
    ],
)
def test_a_malformed_traceparent_is_ignored(value: bytes | None) -> None:
    assert parse_traceparent(value) is None


def test_outside_of_any_trace_there_is_no_traceparent() -> None:
    assert traceparent() is None
    assert format_traceparent(SpanContext(0, 0, is_remote=False)) is None


def test_a_batch_links_to_each_trace_once_up_to_a_limit(spans: InMemorySpanExporter) -> None:
    headers = [[("traceparent", f"00-{n:032x}-{n:016x}-01".encode())] for n in (1, 1, 2, 3)]
    with batch_span("batch", [[("ce_id", b"x")], *headers]):
        pass

    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert [link.context.trace_id for link in span.links] == [1, 2, 3]
    assert len(links(headers, limit=2)) == 2


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    set_up_logs(service="example", process="consumer")
    yield written
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_logs_are_json_with_the_ids_of_their_trace(log_lines: io.StringIO) -> None:
    provider = TracerProvider()
    with provider.get_tracer("test").start_as_current_span("work"):
        structlog.get_logger("ours").info("こんにちは", lead="crm-1")
        logging.getLogger("theirs").warning("says %s", "hello")
        span = trace.get_current_span().get_span_context()

    ours, theirs = (json.loads(line) for line in log_lines.getvalue().splitlines())
    assert ours["event"] == "こんにちは"
    assert ours["lead"] == "crm-1"
    assert ours["trace_id"] == format(span.trace_id, "032x")
    assert theirs["event"] == "says hello"
    assert theirs["level"] == "warning"
    assert theirs["span_id"] == format(span.span_id, "016x")
    assert {ours["service"], theirs["service"]} == {"example"}
    assert {ours["process"], theirs["process"]} == {"consumer"}


def test_an_exception_is_one_line_without_local_variables(log_lines: io.StringIO) -> None:
    def fail(person: str) -> None:
        raise ValueError(len(person))

    try:
        fail("田中 花子")
    except ValueError as error:
        structlog.get_logger("ours").error("failed", exc_info=error)

    (line,) = log_lines.getvalue().splitlines()
    assert json.loads(line)["exception"][0]["exc_type"] == "ValueError"
    assert "花子" not in line
