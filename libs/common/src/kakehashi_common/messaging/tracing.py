"""One span for a batch, linked to the traces of the publishers."""

from collections.abc import Iterable

from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, TraceFlags

MAX_LINKS = 64
"""A batch of thousands would make a span of thousands of links: the first stand for all."""

TRACER = trace.get_tracer("kakehashi.messaging")

_PARTS = 4
_VERSION_FF = "ff"


def links(traceparents: Iterable[str | None]) -> list[Link]:
    """Return a link to each distinct publisher's span, at most :data:`MAX_LINKS`."""
    found: dict[str, Link] = {}
    for traceparent in traceparents:
        if traceparent is None or traceparent in found:
            continue
        context = span_context(traceparent)
        if context is not None:
            found[traceparent] = Link(context)
            if len(found) == MAX_LINKS:
                break
    return list(found.values())


def span_context(traceparent: str) -> SpanContext | None:
    """Parse a W3C ``traceparent``; ``None`` if it isn't one, which is nobody's error."""
    parts = traceparent.split("-")
    if len(parts) < _PARTS or parts[0] == _VERSION_FF:
        return None
    try:
        context = SpanContext(
            trace_id=int(parts[1], 16),
            span_id=int(parts[2], 16),
            is_remote=True,
            trace_flags=TraceFlags(int(parts[3], 16)),
        )
    except ValueError:
        return None
    return context if context.is_valid else None


def current_traceparent() -> str | None:
    """Return the ``traceparent`` of the span in progress, or ``None`` outside of one."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
