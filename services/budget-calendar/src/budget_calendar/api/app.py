"""The HTTP application of budget-calendar."""

from collections.abc import Mapping
from http import HTTPStatus
from importlib import metadata

from fastapi import FastAPI, Request, Response

from budget_calendar.domain.refusals import RefusedError
from kakehashi_common.auth import TokenVerifier
from kakehashi_common.http import app as http_app
from kakehashi_common.http.app import Lifespan
from kakehashi_common.http.health import Check
from kakehashi_common.http.problems import FieldError, problem
from kakehashi_common.settings import HttpSettings

DESCRIPTION = """\
Every municipality's budget year: where it stands, what comes next, and how sure that is.

Errors are problem details (RFC 9457); decide by their `code`. Lists go on with `next_cursor`.
Every operation needs a bearer token with the scope that it names.
"""


def create_app(
    *,
    settings: HttpSettings,
    verifier: TokenVerifier,
    checks: Mapping[str, Check],
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Return the application.

    Args:
        settings: limits and origins.
        verifier: proves bearer tokens.
        checks: what ``/readyz`` asks, by name.
        lifespan: opens and closes what the routes need.
    """
    app = http_app.create_app(
        title="Kakehashi budget-calendar",
        version=metadata.version("budget-calendar"),
        description=DESCRIPTION,
        settings=settings,
        checks=checks,
        routers=[],
        verifier=verifier,
        lifespan=lifespan,
    )
    app.add_exception_handler(RefusedError, _refused)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedError):
        raise TypeError(type(error))
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=error.message,
        code=error.code,
        errors=[] if error.field is None else [_at_fault(error, error.field)],
    )


def _at_fault(error: RefusedError, field: str) -> FieldError:
    return FieldError(pointer=f"/{field}", code=error.code, detail=error.message)
