"""A small token issuer for the local stack, so that the demo works as production does.

``python -m kakehashi_common.runtime.issuer`` serves what a real issuer publishes: its keys, its
metadata, and a token endpoint for the client credentials grant. ``… issuer token --scope a
--scope b`` prints one token. Its clients are fixed and its key lies in a file: never expose it.

Environment: ``KAKEHASHI_ISSUER_PORT`` (18090), ``KAKEHASHI_ISSUER_HOST`` (127.0.0.1),
``KAKEHASHI_ISSUER_SECRET`` (``demo``, with which it listens on the loopback address only),
``KAKEHASHI_ISSUER_KEY_FILE`` (made on first use, readable by its owner only),
``KAKEHASHI_ISSUER_URL`` (http://127.0.0.1:<port>), ``KAKEHASHI_ISSUER_AUDIENCE`` (kakehashi).

Sources: RFC 6749, section 4.4 (client credentials), RFC 8414 (metadata), RFC 7638 (key ids).
"""

import base64
import binascii
import json
import os
import secrets
import time
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

import typer
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kakehashi_common import processes
from kakehashi_common.http.health import ops_app
from kakehashi_common.http.server import component
from kakehashi_common.logs import set_up_logs
from kakehashi_common.settings import OpsSettings, is_loopback, load, settings_config

LIFETIME = timedelta(hours=1)
"""Of a token from the endpoint."""

DEMO_SECRET = "demo"  # noqa: S105 - public, and refused wherever others can reach the issuer
"""The secret of every client id on a laptop."""

_ALGORITHM = "ES256"

_LOCAL_PAGES = r"http://(127\.0\.0\.1|localhost)(:[0-9]+)?"
"""Origins that may request a token from a browser: the APIs' ``/docs`` of the local stack."""

app = typer.Typer(add_completion=False, help="The local stack's token issuer.")


class IssuerSettings(BaseSettings):
    """Settings of the issuer: its address, clients' secret and key."""

    model_config = settings_config("KAKEHASHI_ISSUER_")

    host: str = "127.0.0.1"
    port: int = Field(default=18090, ge=1, le=65535)
    secret: SecretStr = Field(default=SecretStr(DEMO_SECRET), min_length=1)
    """The secret of every client id."""
    key_file: Path = Path(".local/issuer-key.json")
    url: str | None = None
    audience: str = "kakehashi"

    @model_validator(mode="after")
    def _demo_secret_on_loopback_only(self) -> "IssuerSettings":
        if self.secret.get_secret_value() == DEMO_SECRET and not is_loopback(self.host):
            raise ValueError(
                f"with the secret {DEMO_SECRET!r} it may listen on 127.0.0.1 only; set "
                "KAKEHASHI_ISSUER_SECRET to one that nobody can guess"
            )
        return self

    @property
    def issuer(self) -> str:
        """The ``iss`` of its tokens."""
        return self.url or f"http://127.0.0.1:{self.port}"


class Issuer:
    """Signs tokens with the key in a file, which is made when it is missing."""

    def __init__(self, settings: IssuerSettings) -> None:
        self._settings = settings
        self._secret = settings.secret.get_secret_value().encode()
        self._key = _load_or_make_key(settings.key_file)

    def key_set(self) -> dict[str, Any]:
        """Return the public keys, as ``/.well-known/jwks.json`` shows them."""
        public = self._key.as_dict(private=False, use="sig", alg=_ALGORITHM)
        return {"keys": [{**public, "kid": self._key.kid}]}

    def metadata(self) -> dict[str, Any]:
        """Return what the issuer says about itself (RFC 8414)."""
        issuer = self._settings.issuer
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "token_endpoint": f"{issuer}/token",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    def accepts(self, secret: str) -> bool:
        """Whether a client that presents ``secret`` gets a token."""
        return secrets.compare_digest(secret.encode(), self._secret)

    def token(self, subject: str, scopes: list[str], lifetime: timedelta = LIFETIME) -> str:
        """Return a signed token for ``subject`` that grants ``scopes``."""
        now = int(time.time())
        return jwt.encode(
            {"alg": _ALGORITHM, "kid": self._key.kid},
            {
                "iss": self._settings.issuer,
                "aud": self._settings.audience,
                "sub": subject,
                "client_id": subject,
                "scope": " ".join(scopes),
                "iat": now,
                "exp": now + int(lifetime.total_seconds()),
                "jti": secrets.token_urlsafe(12),
            },
            self._key,
            default_type="at+jwt",
        )


def issuer_app(issuer: Issuer) -> Starlette:
    """Return the application that serves ``issuer``."""

    async def key_set(_: Request) -> Response:
        return JSONResponse(issuer.key_set())

    async def metadata(_: Request) -> Response:
        return JSONResponse(issuer.metadata())

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials":
            return _error("unsupported_grant_type", HTTPStatus.BAD_REQUEST)
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if not client:
            client, secret = _basic(request.headers.get("authorization", ""))
        if not client or not issuer.accepts(secret):
            return _error("invalid_client", HTTPStatus.UNAUTHORIZED)
        scope = form.get("scope", "")
        return JSONResponse(
            {
                "access_token": issuer.token(client, scope.split()),
                "token_type": "Bearer",
                "expires_in": int(LIFETIME.total_seconds()),
                "scope": scope,
            },
            headers={"Cache-Control": "no-store"},
        )

    routes = [
        Route("/.well-known/jwks.json", key_set),
        Route("/.well-known/openid-configuration", metadata),
        Route("/token", token, methods=["POST"]),
    ]
    web = ops_app({}, routes)
    web.add_middleware(
        CORSMiddleware,
        allow_origin_regex=_LOCAL_PAGES,
        allow_headers=["Authorization", "X-Requested-With"],
        allow_methods=["GET", "POST"],
    )
    return web


@app.callback(invoke_without_command=True)
def serve(context: typer.Context) -> None:
    """Serve until a signal arrives."""
    if context.invoked_subcommand is not None:
        return
    settings = load(IssuerSettings)
    set_up_logs(service="issuer")
    web = issuer_app(Issuer(settings))
    where = OpsSettings(host=settings.host, port=settings.port)
    raise SystemExit(processes.run_all([component("issuer", web, where)]))


@app.command()
def token(
    scope: Annotated[list[str], typer.Option(help="A scope to grant; may be repeated")],
    subject: Annotated[str, typer.Option(help="Who the token is for")] = "demo",
    hours: Annotated[float, typer.Option(help="How long it is valid")] = 12,
) -> None:
    """Print a token."""
    issuer = Issuer(load(IssuerSettings))
    typer.echo(issuer.token(subject, scope, timedelta(hours=hours)))


def _load_or_make_key(path: Path) -> ECKey:
    if not path.exists():
        _make_key(path)
    return ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", auto_kid=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True), file)
    try:
        # Of several processes that start together, one wins; all read the winner's key.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _error(code: str, status: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": code}, status_code=status)


if __name__ == "__main__":
    app()
