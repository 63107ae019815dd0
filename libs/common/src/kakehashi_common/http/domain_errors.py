"""Errors of a service's domain, as problem details that say where the mistake is."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request, Response

from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.http.problems import FieldError, problem


def answer_domain_errors(app: FastAPI, in_body: Mapping[str, str] | None = None) -> None:
    """Answer a domain's error with its reason and its code. Nothing has changed then.

    The status is 422, or 409 for what contradicts only how things stand now.

    Args:
        app: the application.
        in_body: where a body writes what the domain names otherwise; the rest is named alike.
    """
    app.add_exception_handler(DomainError, partial(_domain_error, in_body or {}))


async def _domain_error(in_body: Mapping[str, str], request: Request, error: Exception) -> Response:
    if not isinstance(error, DomainError):
        raise TypeError(type(error))
    conflict = isinstance(error, StateConflictError)
    return problem(
        request,
        HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=error.message,
        code=error.code,
        errors=[] if error.field is None else [_at_fault(in_body, request, error, error.field)],
    )


def _at_fault(
    in_body: Mapping[str, str], request: Request, error: DomainError, field: str
) -> FieldError:
    if field in request.path_params or request.method == "GET":
        return FieldError(parameter=field, code=error.code, detail=error.message)
    *place, name = field.split("/")
    pointer = "/".join(("", *place, in_body.get(name, name)))
    return FieldError(pointer=pointer, code=error.code, detail=error.message)
