"""The FastAPI application of a service."""

import re
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kakehashi_common.auth import TokenVerifier
from kakehashi_common.http import health, problems
from kakehashi_common.http.openapi import describe_sign_in
from kakehashi_common.http.requests import admit_first, check_parameters, read_bodies
from kakehashi_common.settings import HttpSettings

REQUEST_ID = "X-Request-Id"
TOKEN_PARAMETER = "token"  # noqa: S105 - its name
"""The query parameter of URLs that carry a token, where a client can't send a header."""
_REQUEST_ID_FORMAT = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


def create_app(  # noqa: PLR0913 - all by name, one per concern
    *,
    title: str,
    version: str,
    description: str,
    settings: HttpSettings,
    checks: Mapping[str, health.Check],
    routers: Sequence[APIRouter] = (),
    verifier: TokenVerifier | None = None,
    ignore_unknown_parameters: bool = False,
) -> FastAPI:
    """Return a service's application with problem details, health, limits and traces in place.

    Args:
        title: the API's name in its description (``/docs``, ``/openapi.json``).
        version: of the service.
        description: for the reader of ``/docs``.
        settings: limits and origins.
        checks: what ``/readyz`` asks, by name.
        routers: the service's own routes.
        verifier: proves bearer tokens for :func:`kakehashi_common.auth.require_scope`.
        ignore_unknown_parameters: for a protocol that others define and extend; else an unknown
            query parameter is an error of the caller.
    """
    # /docs with its scripts from here: no browser of ours has to reach a CDN.
    app = FastAPIOffline(
        title=title,
        version=version,
        description=description,
        redoc_url=None,
        # A redirect's address would be made of the request's Host.
        redirect_slashes=False,
        responses={
            "4XX": {"model": problems.Problem, "description": "What is wrong with the request"},
            "503": {"model": problems.Problem, "description": "Try again after `Retry-After`"},
        },
    )
    app.state.verifier = verifier
    problems.install(app)
    app.add_route("/", _redirect_to_docs, include_in_schema=False)
    app.router.routes.extend(health.routes(checks))
    if not ignore_unknown_parameters:
        check_parameters(app, routers)
    read_bodies(routers)
    admit_first(routers)
    for router in routers:
        app.include_router(router)
    app.add_middleware(BodyLimit, max_body_bytes=settings.max_body_bytes)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID, "ETag", "Retry-After"],
        )
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestIdMiddleware)
    _describe_operations(app, routers, None if verifier is None else verifier.token_url)
    FastAPIInstrumentor.instrument_app(
        app,
        excluded_urls="^[a-z]+://[^/]*/(healthz|readyz|metrics)$",
        exclude_spans=["receive", "send"],
        server_request_hook=_hide_token,
    )
    return app


class RequestIdMiddleware:
    """Gives every request an id, and answers for a bug.

    The id is the caller's or a new one; the answer and every log line show it. A bug is answered
    here rather than by Starlette's own outermost layer, which knows no id and logs twice.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _REQUEST_ID_FORMAT.match(given) else uuid.uuid4().hex
        scope["request_id"] = request_id
        answered = False

        async def send_with_id(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:
                if answered:
                    raise
                answer = problems.unexpected(Request(scope), error)
                await answer(scope, receive, send_with_id)


class HeadAsGet:
    """Answers HEAD as GET, without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI asks."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_head)


class BodyLimit:
    """Refuses a body above the limit: at once when its length is announced, else while reading.

    Starlette's own limit answers in plain text, not with problem details.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._limit = max_body_bytes
        self._detail = f"The body is larger than {max_body_bytes:,} bytes; send it in parts."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limit:
            refusal = problems.problem(
                Request(scope), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=self._detail
            )
            await refusal(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._detail)
            return message

        await self._app(scope, receive_counted, send)


async def _redirect_to_docs(_: Request) -> Response:
    return RedirectResponse("docs")


def _hide_token(span: trace.Span, scope: dict[str, Any]) -> None:
    """Keep the token of a URL that carries one (a feed's) out of the trace."""
    if TOKEN_PARAMETER.encode() + b"=" in scope.get("query_string", b""):
        for attribute in ("http.url", "url.full", "url.query"):
            span.set_attribute(attribute, "hidden: it carries a token")


def _describe_operations(app: FastAPI, routers: Sequence[APIRouter], token_url: str | None) -> None:
    describe_as_fastapi_does = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = describe_as_fastapi_does()
            problems.describe(document)
            describe_sign_in(document, routers, token_url)
        return describe_as_fastapi_does()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
