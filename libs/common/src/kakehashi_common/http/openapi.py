"""An API's contract: its operations and their OpenAPI document. Nothing connects."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from kakehashi_common.auth import Gate
from kakehashi_common.settings import AuthSettings, DatabaseSettings

DATABASE: Final = DatabaseSettings(url="postgresql://localhost/described")
"""Of an application that is described, not run."""

AUTH: Final = AuthSettings(jwks_url="http://localhost/jwks.json", issuer="http://localhost")
"""Of an application that is described, not run."""

_SIGN_IN: Final = "OAuth2"
"""The security scheme's name in a description."""


def describe_examples(
    app: FastAPI,
    bodies: Callable[[], Mapping[str, Mapping[str, Any]]],
    path_values: Callable[[], Mapping[str, Any]],
) -> None:
    """Add requests that work as they stand to the OpenAPI document of ``app``.

    Args:
        app: the application.
        bodies: returns what OpenAPI shows under ``examples``, by operation.
        path_values: returns what the parameters of paths are, by name.
    """
    describe_the_rest = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe_the_rest()
        examples, values = bodies(), path_values()
        for path in document["paths"].values():
            for operation in path.values():
                for parameter in operation.get("parameters", ()):
                    if parameter["in"] == "path" and parameter["name"] in values:
                        parameter["example"] = values[parameter["name"]]
                        parameter["schema"].pop("examples", None)
                content = operation.get("requestBody", {}).get("content", {})
                for described in content.values():
                    described["examples"] = examples[operation["operationId"]]
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def write(document: dict[str, Any]) -> None:
    """Print the document as it is committed."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def name_operations(routers: Iterable[APIRouter]) -> None:
    """Give each operation its function's name, and say which scope it needs."""
    for route in operations(routers):
        route.operation_id = route.name
        for gate in gates(route):
            route.description += f"\n\nNeeds the scope `{gate.scope}`."


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
