"""Logs: one JSON object per line on stdout, with the ids of the trace it belongs to.

``structlog`` and the standard library's ``logging`` end up in the same lines, so that what a
library says looks like what we say.
"""

import logging
import sys
from collections.abc import Sequence
from typing import Literal

import structlog
from opentelemetry import trace
from opentelemetry.trace import format_span_id, format_trace_id
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

_CHATTY = ("aiokafka", "httpx", "httpcore", "alembic", "faststream", "opentelemetry", "uvicorn")
"""Libraries whose INFO lines repeat what our own lines and metrics say."""


def set_up_logs(
    level: Literal["debug", "info", "warning", "error"] = "info",
    log_format: Literal["json", "console"] = "json",
    *,
    service: str = "kakehashi",
    process: str = "",
) -> None:
    """Send all logs of this process to stdout. Calling it again replaces the former set-up."""

    def add_process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        if process:
            event["process"] = process
        return event

    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        add_process,
        add_trace_ids,
    )
    render: Sequence[Processor]
    if log_format == "json":
        render = (
            # Without the frames' variables: they hold people's data and settings.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        )
    else:
        render = (
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def add_trace_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name the trace and span that a line belongs to, if it belongs to one."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = format_trace_id(span.trace_id)
        event["span_id"] = format_span_id(span.span_id)
    return event
