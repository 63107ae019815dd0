"""Requests of all APIs: who may make them, and whether their bodies and parameters are right.

A mistake is reported, never ignored.
"""

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Strict, field_validator
from starlette.requests import Request
from starlette.responses import Response

from kakehashi_common.contracts.texts import check_text, find_forbidden, visible
from kakehashi_common.errors import PermanentError
from kakehashi_common.http.openapi import gates, operations
from kakehashi_common.json_reader import Limits, NotTextError, check_texts, read_json

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

LIMITS: Final = Limits(values=50_000)
"""Of a body in JSON: three hundred council sessions with twenty bills each."""

Whole = Annotated[int, Strict()]
"""A whole number; no text, and neither true nor false."""

Flag = Annotated[bool, Strict()]
"""True or false; neither 1 nor a text."""

_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_NOT_UTF_8: Final = "it is not UTF-8: percent-encode the bytes of its UTF-8"


class UnsupportedMediaTypeError(PermanentError):
    """The body's media type is not one that the operation accepts."""

    code = "unsupported_media_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class RequestBody(BaseModel):
    """Base of a request's body: unknown fields and texts that can't be stored are mistakes.

    Its fields are what JSON says and nothing that could be made of it: numbers are :data:`Whole`,
    truth values :data:`Flag`, days and instants those of ``contracts.instants``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*")
    @classmethod
    def _of_text(cls, value: object) -> object:
        if (found := find_forbidden(value)) is not None:
            raise ValueError(f"it holds {found[1]}, a character that no text may hold: remove it")
        return value


class ResponseBody(BaseModel):
    """Base of what a route answers with."""

    model_config = ConfigDict(frozen=True)


def admit_first(routers: Iterable[APIRouter]) -> None:
    """Let every operation ask its gates before it reads the body or checks a parameter.

    FastAPI buffers and parses the body before it calls a dependency: anybody could have megabytes
    of JSON parsed, and would learn of the body's mistakes before being refused.
    """
    for route in operations(routers):
        if at := tuple(gate.admit for gate in gates(route)):
            # FastAPI's documented way to work before a route, on routes made elsewhere.
            route.get_route_handler = _admitting(route.get_route_handler, at)  # type: ignore[method-assign]


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


def read_bodies(routers: Iterable[APIRouter]) -> None:
    """Let every operation that takes a JSON body read it within :data:`LIMITS`, and by its texts.

    FastAPI would parse what costs gigabytes, keep the last of two fields of one name, and fail on
    half of a surrogate pair.
    """
    for route in operations(routers):
        if route.body_field is not None:
            route.get_route_handler = _reading(route.get_route_handler)  # type: ignore[method-assign]


def _check_texts(raw: bytes, value: object) -> None:
    try:
        check_texts(raw, value)
    except NotTextError as error:
        mistake = {"type": error.code, "loc": ("body", *error.path), "msg": error.message}
        raise RequestValidationError([mistake]) from None


def _reading(handler: Callable[[], Handler]) -> Callable[[], Handler]:
    def get_route_handler() -> Handler:
        handle = handler()

        async def read_then_handle(request: Request) -> Response:
            media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type == "application/json" or media_type.endswith("+json"):
                raw = await request.body()
                if raw:
                    value = read_json(raw, LIMITS)
                    _check_texts(raw, value)
                    request._json = value  # noqa: SLF001 - where Request.json keeps what it parsed
            return await handle(request)

        return read_then_handle

    return get_route_handler


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
        known = self._known.get((request.scope["route"].path_format, request.method))
        if known is None:  # a page that the description leaves out; links gain parameters
            return
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
