"""Parameters that no operation takes: unknown ones, and texts that can't be stored."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from kakehashi_common.http.operations import operations

_NO_TEXT: Final = "it holds the character U+0000, which can't be stored"


def check_parameters(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Let routes that ``app`` will include take only the parameters that its description names.

    An unknown one is told, since a misspelt filter would find too much.
    """
    checked = Depends(_Checked(app))
    for route in operations(routers):
        route.dependencies.append(checked)


class _Checked:
    """A dependency of routes."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, request: Request) -> None:
        """Let a request pass whose query parameters all exist and whose texts can be stored.

        Raises:
            RequestValidationError: naming each that doesn't (``unknown_parameter``) with the one
                that may have been meant, and each that holds U+0000 (``not_text``).
        """
        mistakes = list(self._mistakes(request))
        if mistakes:
            raise RequestValidationError(mistakes)

    def _mistakes(self, request: Request) -> Iterator[dict[str, Any]]:
        for name, text in request.path_params.items():
            if "\0" in str(text):
                yield {"type": "not_text", "loc": ("path", name), "msg": _NO_TEXT}
        if not request.query_params:
            return
        known = self._known[request.scope["route"].path_format, request.method]
        for name in request.query_params:
            if name not in known:
                yield {
                    "type": "unknown_parameter",
                    "loc": ("query", name),
                    "msg": _advice(name, known),
                }
            elif any("\0" in text for text in request.query_params.getlist(name)):
                yield {"type": "not_text", "loc": ("query", name), "msg": _NO_TEXT}

    @cached_property
    def _known(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The query parameters of each operation, by path and method."""
        description = self._app.openapi()
        return {
            (path, method.upper()): frozenset(_named(operation, description))
            for path, operations in description["paths"].items()
            for method, operation in operations.items()
        }


def _named(operation: Mapping[str, Any], description: Mapping[str, Any]) -> Iterator[str]:
    """The query parameters of an operation, those that carry a token among them."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield parameter["name"]
    for alternative in operation.get("security", ()):
        for name in alternative:
            scheme = description["components"]["securitySchemes"][name]
            if scheme.get("in") == "query":
                yield scheme["name"]


def _advice(name: str, known: frozenset[str]) -> str:
    if near := get_close_matches(name.lower(), known, n=1):
        return f"there is no such parameter; did you mean {near[0]}?"
    if known:
        return f"there is no such parameter; there are {', '.join(sorted(known))}"
    return "there is no such parameter: this operation takes none"
