"""A process exports traces and metrics to a configured collector, and nothing without one."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response

from kakehashi_common.http.server import serve
from kakehashi_common.ports import free_port
from kakehashi_common.settings import OpsSettings

PROCESS = textwrap.dedent(
    """
    import sys
    from kakehashi_common import metrics, telemetry
    from kakehashi_common.settings import TelemetrySettings

    endpoint = sys.argv[1] if len(sys.argv) > 1 else None
    started = telemetry.set_up(
        TelemetrySettings(service_name="kakehashi-common", otlp_endpoint=endpoint),
        process="consumer",
    )
    with telemetry.tracer.start_as_current_span("score leads"):
        metrics.CONSUMED.add(3, {"topic": "lead-events-v1"})
    text = telemetry.prometheus()[0].decode()
    assert 'kakehashi_consumer_consumed_total{topic="lead-events-v1"} 3.0' in text, text
    started.close()
    """
)


async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", PROCESS, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@asynccontextmanager
async def collector(received: dict[str, bytes]) -> AsyncIterator[str]:
    app = FastAPI()

    @app.post("/v1/{signal}")
    async def take(signal: str, request: Request) -> Response:
        received[signal] = received.get(signal, b"") + await request.body()
        return Response(media_type="application/x-protobuf")

    settings = OpsSettings(port=free_port())
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, settings, stop))
    try:
        yield f"http://127.0.0.1:{settings.port}"
    finally:
        stop.set()
        await serving


async def test_traces_and_metrics_go_to_the_collector() -> None:
    received: dict[str, bytes] = {}
    async with collector(received) as endpoint:
        ended = await run(endpoint)

    assert ended.returncode == 0, ended.stderr
    assert b"score leads" in received["traces"]
    assert b"kakehashi-common" in received["traces"]
    assert b"kakehashi.consumer.consumed" in received["metrics"]


async def test_without_a_collector_it_is_silent() -> None:
    ended = await run()

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
