"""What the domain refuses, as problem details that say where the mistake is."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response

from budget_calendar.domain.errors import DomainError
from kakehashi_common.http.problems import FieldError, problem

_IN_BODY: Final[Mapping[str, str]] = {"window": "latest", "cap": "cap_yen"}
"""Where a body writes what the domain names otherwise; the rest is named alike."""


async def domain_error(request: Request, error: Exception) -> Response:
    """Answer 422 with the domain's reason and code. Nothing has changed."""
    if not isinstance(error, DomainError):
        raise TypeError(type(error))
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=error.message,
        code=error.code,
        errors=[] if error.field is None else [_at_fault(request, error, error.field)],
    )


def _at_fault(request: Request, error: DomainError, field: str) -> FieldError:
    if field in request.path_params or request.method == "GET":
        return FieldError(parameter=field, code=error.code, detail=error.message)
    *place, name = field.split("/")
    pointer = "/".join(("", *place, _IN_BODY.get(name, name)))
    return FieldError(pointer=pointer, code=error.code, detail=error.message)
