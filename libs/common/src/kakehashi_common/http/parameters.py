"""Parameters that no operation takes: unknown ones, and texts that can't be stored."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from kakehashi_common.contracts.texts import check_text, visible
from kakehashi_common.http.operations import operations

_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_NOT_UTF_8: Final = "it is not UTF-8: percent-encode the bytes of its UTF-8"


def check_parameters(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Let routes that ``app`` will include take only the parameters that its description names.

    An unknown one is an error, since a misspelt filter would find too much.
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
                that may have been meant, and each that holds what no text may hold or is not
                UTF-8 (``not_text``).
        """
        mistakes = list(self._mistakes(request))
        if mistakes:
            raise RequestValidationError(mistakes)

    def _mistakes(self, request: Request) -> Iterator[dict[str, Any]]:
        for name, text in request.path_params.items():
            yield from _no_text("path", name, str(text))
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
                continue
            for text in request.query_params.getlist(name):
                yield from _no_text("query", name, text)
        yield from _not_utf_8(request.scope["query_string"])

    @cached_property
    def _known(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The query parameters of each operation, by path and method."""
        description = self._app.openapi()
        return {
            (path, method.upper()): frozenset(_named(operation, description))
            for path, operations in description["paths"].items()
            for method, operation in operations.items()
        }


def _no_text(place: str, name: str, text: str) -> Iterator[dict[str, Any]]:
    try:
        check_text(text)
    except ValueError as error:
        yield {"type": "not_text", "loc": (place, name), "msg": str(error)}


def _not_utf_8(query: bytes) -> Iterator[dict[str, Any]]:
    """Starlette would read every wrong byte as the same character: two values become one."""
    if b"%" not in query:
        return
    text = query.decode("latin-1")
    for name, value in parse_qsl(text, keep_blank_values=True, errors="surrogateescape"):
        if _UNDECODED.search(value):
            yield {"type": "not_text", "loc": ("query", visible(name)), "msg": _NOT_UTF_8}


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
