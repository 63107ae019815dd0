"""A token issuer that processes can reach, for as long as a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kakehashi_common.http.server import serve
from kakehashi_common.ports import free_port
from kakehashi_common.runtime.issuer import Issuer, IssuerSettings, issuer_app
from kakehashi_common.settings import OpsSettings

SCOPES = (
    "lead-scoring:read",
    "lead-scoring:events:write",
    "lead-scoring:rules:publish",
    "lead-scoring:personal-data",
)


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """Serve an issuer with a key of its own."""
    port = free_port()
    with TemporaryDirectory() as folder:
        # The address is stated: the environment of a local stack may name that stack's issuer.
        settings = IssuerSettings(
            key_file=Path(folder) / "key.json", port=port, url=f"http://127.0.0.1:{port}"
        )
        issuer = Issuer(settings)
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(issuer_app(issuer), OpsSettings(port=port), stop))
        try:
            yield issuer
        finally:
            stop.set()
            await serving


def settings_of(issuer: Issuer) -> dict[str, str]:
    """Return the settings by which a process accepts its tokens."""
    published = issuer.metadata()
    return {"AUTH__ISSUER": published["issuer"], "AUTH__JWKS_URL": published["jwks_uri"]}
