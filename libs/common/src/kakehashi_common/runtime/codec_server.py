"""The codec server: lets authorised operators read encrypted payloads in the Temporal UI.

``python -m kakehashi_common.runtime.codec_server``. The UI posts payloads to ``/decode`` (and
``/encode``) from the operator's browser, with the operator's token when "pass access token" is on.

Environment: ``KAKEHASHI_CODEC_KEYS`` (``id:base64,…``), ``KAKEHASHI_CODEC_ACTIVE_KEY``,
``KAKEHASHI_CODEC_HOST`` (127.0.0.1), ``KAKEHASHI_CODEC_PORT`` (18091),
``KAKEHASHI_CODEC_ALLOWED_ORIGINS`` (a JSON list; the UI's address), and
``KAKEHASHI_CODEC_AUTH__JWKS_URL`` with ``…__ISSUER`` and ``…__AUDIENCE``: without these anybody who
reaches the port can read, so it then listens on the loopback address alone.

Source: docs.temporal.io, "Codec Server", for paths, headers and bodies.
"""

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from google.protobuf import json_format
from pydantic import Field, model_validator
from pydantic_settings import BaseSettings
from temporalio.api.common.v1 import Payloads

from kakehashi_common import processes
from kakehashi_common.auth import TokenVerifier, require_scope
from kakehashi_common.errors import BadRequestError
from kakehashi_common.http.app import create_app
from kakehashi_common.http.server import component
from kakehashi_common.logs import set_up_logs
from kakehashi_common.settings import (
    AuthSettings,
    CodecKeys,
    HttpSettings,
    is_loopback,
    load,
    settings_config,
)
from kakehashi_common.temporal.codec import EncryptingCodec

SCOPE = "temporal:decode"
"""Reading payloads is reading personal data: a scope of its own."""


class CodecServerSettings(BaseSettings):
    """Keys, the UI's origin, and whose tokens are accepted."""

    model_config = settings_config("KAKEHASHI_CODEC_")

    keys: CodecKeys = Field(min_length=1, repr=False)
    active_key: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=18091, ge=1, le=65535)
    allowed_origins: tuple[str, ...] = ("http://127.0.0.1:18233", "http://localhost:18233")
    auth: AuthSettings | None = None

    @model_validator(mode="after")
    def _open_on_loopback_only(self) -> "CodecServerSettings":
        if self.auth is None and not is_loopback(self.host):
            raise ValueError("without auth.jwks_url it may listen on 127.0.0.1 only")
        return self


def codec_app(settings: CodecServerSettings) -> FastAPI:
    """Return the application that serves ``/encode`` and ``/decode``."""
    codec = EncryptingCodec(settings.keys, settings.active_key)
    verifier = None if settings.auth is None else TokenVerifier(settings.auth)
    routes = APIRouter(dependencies=[] if verifier is None else [Depends(require_scope(SCOPE))])

    @routes.post("/encode")
    async def encode(request: Request) -> Response:
        given = _payloads(await request.body())
        return _json(Payloads(payloads=await codec.encode(given.payloads)))

    @routes.post("/decode")
    async def decode(request: Request) -> Response:
        given = _payloads(await request.body())
        return _json(Payloads(payloads=await codec.decode(given.payloads)))

    return create_app(
        title="Kakehashi codec server",
        version="1",
        description="Encrypts and decrypts Temporal payloads for the Temporal UI.",
        settings=HttpSettings(allowed_origins=settings.allowed_origins),
        checks={} if verifier is None else {"issuer": verifier.ping},
        routers=[routes],
        verifier=verifier,
        # Newer UIs send more, such as preserveStorageRefs.
        ignore_unknown_parameters=True,
    )


def _payloads(body: bytes) -> Payloads:
    try:
        return json_format.Parse(body, Payloads(), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise BadRequestError(f"the body is not a list of payloads: {error}") from None


def _json(payloads: Payloads) -> Response:
    return Response(json_format.MessageToJson(payloads), media_type="application/json")


def main() -> None:
    """Serve until a signal arrives."""
    settings = load(CodecServerSettings)
    set_up_logs(service="codec-server")
    where = HttpSettings(host=settings.host, port=settings.port)
    raise SystemExit(processes.run_all([component("codec-server", codec_app(settings), where)]))


if __name__ == "__main__":
    main()
