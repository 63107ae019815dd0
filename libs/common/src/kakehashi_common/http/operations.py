"""An API's operations: their names, and who may use each, asked before anything else."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, Final

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from kakehashi_common.auth import Gate

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_SIGN_IN: Final = "OAuth2"
"""The security scheme's name in a description."""


def name_operations(routers: Iterable[APIRouter]) -> None:
    """Give each operation its function's name, and say which scope it needs."""
    for route in operations(routers):
        route.operation_id = route.name
        for gate in gates(route):
            route.description += f"\n\nNeeds the scope `{gate.scope}`."


def admit_first(routers: Iterable[APIRouter]) -> None:
    """Let every operation ask its gates before it reads the body or checks a parameter.

    FastAPI buffers and parses the body before it calls a dependency: anybody could have megabytes
    of JSON parsed, and would learn of the body's mistakes before being refused.
    """
    for route in operations(routers):
        if at := tuple(gate.admit for gate in gates(route)):
            # FastAPI's documented way to work before a route, on routes made elsewhere.
            route.get_route_handler = _admitting(route.get_route_handler, at)  # type: ignore[method-assign]


def describe_sign_in(
    schema: dict[str, Any], routers: Iterable[APIRouter], token_url: str | None
) -> None:
    """Let the page of an OpenAPI ``schema`` ask for tokens itself, with the scopes to tick.

    Source: RFC 6749, section 4.4 (client credentials).
    """
    needed = {
        route.operation_id or route.unique_id: sorted({gate.scope for gate in gates(route)})
        for route in operations(routers)
    }
    if token_url is None or not any(needed.values()):
        return
    scopes = {scope: "" for each in needed.values() for scope in each}
    sign_in = {
        "type": "oauth2",
        "description": "Asks the issuer for a token. The local stack's issuer takes any client id, "
        "with the secret `demo`.",
        "flows": {
            "clientCredentials": {"tokenUrl": token_url, "scopes": dict(sorted(scopes.items()))}
        },
    }
    others = schema["components"]["securitySchemes"]
    schema["components"]["securitySchemes"] = {_SIGN_IN: sign_in, **others}  # the first to be shown
    for path in schema["paths"].values():
        for operation in path.values():
            if scopes_of_it := needed.get(operation["operationId"]):
                operation["security"].append({_SIGN_IN: scopes_of_it})


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
