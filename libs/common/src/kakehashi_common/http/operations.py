"""An API's operations: their names, and who may use each, asked before anything else."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from kakehashi_common.auth import Gate

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def name_operations(routers: Iterable[APIRouter]) -> None:
    """Give each operation its function's name, and say which scope it needs."""
    for route in operations(routers):
        route.operation_id = route.name
        for gate in gates(route):
            route.description += f"\n\nNeeds the scope `{gate.scope}`."


def admit_first(routers: Iterable[APIRouter]) -> None:
    """Let every operation ask its gates before it reads the body or checks a parameter.

    FastAPI buffers and parses the body before it calls a dependency: anybody could have megabytes
    of JSON parsed, and would hear of the body's mistakes before being refused.
    """
    for route in operations(routers):
        if at := tuple(gate.admit for gate in gates(route)):
            # FastAPI's documented way to work before a route, on routes made elsewhere.
            route.get_route_handler = _admitting(route.get_route_handler, at)  # type: ignore[method-assign]


def operations(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    """Return the routes of ``routers`` that the API's description shows."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route


def gates(route: APIRoute) -> Iterator[Gate]:
    """Return the gates among a route's dependencies."""
    return _gates(route.dependant)


def _gates(dependant: Dependant) -> Iterator[Gate]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Gate):
            yield needed.call
        yield from _gates(needed)


def _admitting(
    handler: Callable[[], Handler], gates: Iterable[Callable[[Request], Awaitable[object]]]
) -> Callable[[], Handler]:
    def get_route_handler() -> Handler:
        handle = handler()

        async def admit_then_handle(request: Request) -> Response:
            for admit in gates:
                await admit(request)
            return await handle(request)

        return admit_then_handle

    return get_route_handler
