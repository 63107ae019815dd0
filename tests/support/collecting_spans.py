"""An OpenTelemetry collector for a test: what processes export by OTLP over HTTP."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, Request, Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from kakehashi_common.http.server import serve
from kakehashi_common.ports import free_port
from kakehashi_common.settings import OpsSettings


@dataclass(frozen=True, slots=True)
class ExportedSpan:
    """One span as it was exported."""

    name: str
    trace_id: str
    span_id: str
    links: Sequence[str]
    """Trace ids."""


@dataclass
class SpanCollector:
    """A collector with the spans that have arrived."""

    endpoint: str
    spans: list[ExportedSpan] = field(default_factory=list)

    def named(self, name: str) -> list[ExportedSpan]:
        """Return the spans whose names start with ``name``."""
        return [span for span in self.spans if span.name.startswith(name)]


@asynccontextmanager
async def collecting_spans() -> AsyncIterator[SpanCollector]:
    """Serve a collector."""
    port = free_port()
    collector = SpanCollector(f"http://127.0.0.1:{port}")
    web = FastAPI()

    @web.post("/v1/traces")
    async def traces(request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = await asyncio.to_thread(gzip.decompress, body)
        collector.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))
        return Response(media_type="application/x-protobuf")

    @web.post("/v1/metrics")
    async def metrics() -> Response:
        return Response(media_type="application/x-protobuf")

    stop = asyncio.Event()
    serving = asyncio.create_task(serve(web, OpsSettings(port=port), stop))
    try:
        yield collector
    finally:
        stop.set()
        await serving


def _spans(exported: ExportTraceServiceRequest) -> list[ExportedSpan]:
    return [
        ExportedSpan(
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            links=[link.trace_id.hex() for link in span.links],
        )
        for of in exported.resource_spans
        for scope in of.scope_spans
        for span in scope.spans
    ]
