"""Bodies of all APIs: a mistake is reported, never ignored."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Strict, field_validator
from starlette.requests import Request
from starlette.responses import Response

from kakehashi_common.contracts.texts import find_forbidden
from kakehashi_common.errors import PermanentError
from kakehashi_common.http.operations import Handler, operations
from kakehashi_common.json_reader import Limits, NotTextError, check_texts, read_json

LIMITS: Final = Limits(values=50_000)
"""Of a body in JSON: three hundred council sessions with twenty bills each."""

Whole = Annotated[int, Strict()]
"""A whole number; no text, and neither true nor false."""

Flag = Annotated[bool, Strict()]
"""True or false; neither 1 nor a text."""


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
