"""The small application beside a consumer, relay or worker."""

from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.routing import Route

from kakehashi_common.http import health


def ops_app(checks: Mapping[str, health.Check], routes: Sequence[Route] = ()) -> Starlette:
    """Return /healthz, /readyz and /metrics for a process that serves no API, and `routes`."""
    return Starlette(routes=[*health.routes(checks), *routes])
