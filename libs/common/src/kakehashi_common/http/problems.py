"""Errors over HTTP: RFC 9457 problem details with a stable ``code``.

The answer names the field and says how to mend it. Of what was sent it shows what helps to find the
mistake and says nothing of a person: names of fields and headers, attributes of an event (its
time, its type), ids in the path, six-digit municipality codes, each cut when it is long. It never
repeats a token, a body, or another value of an event's data, which may be personal data.
"""

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from opentelemetry import trace
from starlette.exceptions import HTTPException
from starlette.routing import Match

from kakehashi_common.contracts.texts import visible
from kakehashi_common.errors import (
    BusyError,
    FaultError,
    PermanentError,
    TransientError,
    UnauthenticatedError,
)
from kakehashi_common.http.etags import NotModifiedError
from kakehashi_common.http.problem_details import (
    CODES,
    MEDIA_TYPE,
    FieldError,
    Problem,
    example,
    problem_details,
)
from kakehashi_common.json_reader import json_pointer

__all__ = ["CODES", "MEDIA_TYPE", "FieldError", "Problem"]

log = structlog.get_logger(__name__)

MAX_ERRORS = 20
"""Mistakes that an answer lists; the others are counted."""

RETRY_AFTER_SECONDS = 5
"""When we can't know how long something stays away: soon, but not at once."""

_NAME_CHARACTERS = 80


def install(app: FastAPI) -> None:
    """Answer every error that ``app`` raises on purpose with problem details.

    What is unexpected reaches :func:`unexpected` by the outermost middleware.
    """
    app.add_exception_handler(PermanentError, _permanent)
    app.add_exception_handler(TransientError, _transient)
    app.add_exception_handler(FaultError, _fault)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NotModifiedError, _not_modified)


def problem(  # noqa: PLR0913 - one for each member
    request: Request,
    status: int,
    *,
    detail: str,
    code: str | None = None,
    errors: Sequence[FieldError] = (),
    more_errors: int = 0,
    headers: Mapping[str, str] | None = None,
    model: type[Problem] = Problem,
    **further: object,
) -> Response:
    """Return the answer for one error; ``further`` are the fields that ``model`` adds."""
    body = problem_details(
        status,
        detail=detail,
        code=code,
        instance=request.url.path,
        request_id=request.scope.get("request_id"),
        errors=errors,
        more_errors=more_errors,
        model=model,
        **further,
    )
    return Response(
        body.model_dump_json(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def field_errors(details: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Return pydantic's error details (``loc``, ``type``, ``msg``) as field errors."""
    return [_field_error(detail) for detail in details]


def _field_error(detail: Mapping[str, Any]) -> FieldError:
    location = tuple(detail["loc"])
    message = str(detail["msg"]).removeprefix("Value error, ")
    where, rest = (location[0], location[1:]) if location else ("body", ())
    if where in {"query", "path", "header", "cookie"}:
        name = ".".join(_shown(part) for part in rest)
        return FieldError(parameter=name, code=str(detail["type"]), detail=message)
    return FieldError(
        pointer=json_pointer([_shown(part) for part in rest]),
        code=str(detail["type"]),
        detail=message,
    )


def _shown(part: object) -> str:
    """Return a name that a caller wrote, cut when it is endless."""
    text = visible(str(part))
    return text if len(text) <= _NAME_CHARACTERS else f"{text[:_NAME_CHARACTERS]}…"


async def _permanent(request: Request, error: Exception) -> Response:
    if not isinstance(error, PermanentError):
        raise TypeError(type(error))
    errors = []
    if error.field is not None:
        place = "pointer" if error.field.startswith("/") else "parameter"
        errors = [FieldError(code=error.code, detail=error.message, **{place: error.field})]
    headers = {}
    if isinstance(error, UnauthenticatedError):
        # Source: RFC 6750, section 3.
        reason = "" if error.code == UnauthenticatedError.code else ' error="invalid_token"'
        headers["WWW-Authenticate"] = f"Bearer{reason}"
    return problem(
        request,
        error.status,
        detail=error.message,
        code=error.code,
        errors=errors,
        headers=headers,
    )


async def _transient(request: Request, error: Exception) -> Response:
    if not isinstance(error, TransientError):
        raise TypeError(type(error))
    log.warning("answered 503", reason=error.message, path=request.url.path)
    state = "busy" if isinstance(error, BusyError) else "unavailable"
    after = error.retry_after
    seconds = RETRY_AFTER_SECONDS if after is None else max(1, math.ceil(after.total_seconds()))
    return problem(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        code=error.code,
        detail=f"Something that this needs is {state}. "
        + (error.public or f"Nothing was lost; try again in {seconds} s."),
        headers={"Retry-After": str(seconds)},
    )


async def _fault(request: Request, error: Exception) -> Response:
    if not isinstance(error, FaultError):
        raise TypeError(type(error))
    log.error("answered 500", code=error.code, reason=error.message, path=request.url.path)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail=error.public, code=error.code)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error))
    details = error.errors()
    errors = field_errors(details[:MAX_ERRORS])
    first = errors[0] if errors else None
    where = (first.pointer or first.parameter or "the body") if first else "the request"
    more = f", and {len(details) - 1:,} more" if len(details) > 1 else ""
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=f"{where}: {first.detail if first else 'not valid'}{more}",
        errors=errors,
        more_errors=len(details) - len(errors),
    )


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return problem(request, error.status_code, detail=str(error.detail), headers=headers)


async def _not_modified(_request: Request, error: Exception) -> Response:
    if not isinstance(error, NotModifiedError):
        raise TypeError(type(error))
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(error.headers))


def _methods(request: Request) -> list[str]:
    """The methods of all operations of the request's path, and HEAD where there is GET.

    Each method of a path is a route of its own, and the router names the first one's.
    """
    scope = request.scope
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        # A route that does answer the method would have been taken.
        if route.matches(scope)[0] is Match.PARTIAL:
            found |= route.methods or set()
    if "GET" in found:
        found.add("HEAD")
    return sorted(found)


def unexpected(request: Request, error: Exception) -> Response:
    """Log a bug, and answer with a problem without details."""
    log.error("unexpected error", path=request.url.path, exc_info=error)
    trace.get_current_span().record_exception(error)
    return problem(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="An error on our side. It has been logged under the request id.",
    )


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the problem answers in an OpenAPI ``schema`` their media type and an example each."""
    shown = schema.setdefault("components", {}).setdefault("examples", {})
    for path in schema.get("paths", {}).values():
        for operation in path.values():
            for status, response in operation.get("responses", {}).items():
                content = response.get("content", {})
                plain = content.get("application/json")
                if plain is not None and "/Problem" in json.dumps(plain.get("schema", {})):
                    name = f"problem_{status}"
                    shown.setdefault(name, {"value": example(status)})
                    content[MEDIA_TYPE] = content.pop("application/json") | {
                        "examples": {"problem": {"$ref": f"#/components/examples/{name}"}}
                    }
    return schema
