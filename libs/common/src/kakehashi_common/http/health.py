"""Health, readiness and metrics of a process.

``/healthz`` says that the process runs its loop. ``/readyz`` asks everything the process needs,
each by name and with a time-out, and answers 503 when one is unavailable. ``/metrics`` is text for
Prometheus.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kakehashi_common import telemetry

Check = Callable[[], Awaitable[None]]
"""Returns when what it asks answers; raises when it does not."""

TIMEOUT = timedelta(seconds=2)
"""Shorter than the three seconds after which a prober gives up."""


class CheckResult(BaseModel):
    """The result of one check."""

    ok: bool
    milliseconds: float
    reason: str | None = None


class Readiness(BaseModel):
    """The results of all checks."""

    ready: bool
    checks: dict[str, CheckResult]


async def readiness(checks: Mapping[str, Check], within: timedelta = TIMEOUT) -> Readiness:
    """Run all ``checks`` at the same time, ``within`` a limit each, and return what they found."""
    results = await asyncio.gather(*(_run(check, within) for check in checks.values()))
    return Readiness(
        ready=all(result.ok for result in results), checks=dict(zip(checks, results, strict=True))
    )


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """Return the three endpoints; they need no token and stay out of an API's description."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        found = await readiness(checks)
        status = HTTPStatus.OK if found.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(found.model_dump(), status)

    async def metrics(_: Request) -> Response:
        # In a thread: rendering takes longer the more there is, and other requests go on.
        body, media_type = await asyncio.to_thread(telemetry.prometheus)
        return Response(body, media_type=media_type)

    return [Route(f"/{each.__name__}", each) for each in (healthz, readyz, metrics)]


def ops_app(checks: Mapping[str, Check], others: Sequence[Route] = ()) -> Starlette:
    """Return the application of a process without an API: the three endpoints and ``others``."""
    return Starlette(routes=[*routes(checks), *others])


async def _run(check: Check, within: timedelta) -> CheckResult:
    started = time.perf_counter()
    reason = None
    try:
        async with asyncio.timeout(within.total_seconds()):
            await check()
    except TimeoutError:
        reason = f"no answer within {within.total_seconds():g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        reason = str(error) or type(error).__name__
    return CheckResult(
        ok=reason is None,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
        reason=reason,
    )
