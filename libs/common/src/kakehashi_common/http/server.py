"""Serving an application inside a process that does other things too."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from kakehashi_common.errors import KakehashiError
from kakehashi_common.http.connections import DEFAULT_LIMITS, Connection, Limits
from kakehashi_common.processes import Component
from kakehashi_common.settings import HttpSettings, OpsSettings

_FINISH_SECONDS = 20
"""Time limit for open requests on shutdown; below the component's grace."""


class PortTakenError(KakehashiError):
    """Another process listens on the configured port."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The process owns its signals and stops every component itself.
        yield


async def serve(
    app: ASGIApp,
    settings: HttpSettings | OpsSettings,
    stop: asyncio.Event,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Serve ``app`` until ``stop`` is set, then finish open requests and return.

    Args:
        app: the application.
        settings: where it listens, and how many connections it keeps open.
        stop: ends it.
        limits: what a client may take.

    Raises:
        PortTakenError: the address can't be listened on.
    """
    with _listen(settings.host, settings.port) as listener:
        server = _Server(
            uvicorn.Config(
                app,
                http=partial(Connection, limits=limits, most=settings.max_connections),  # type: ignore[arg-type]  # called like the class
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_FINISH_SECONDS,
            )
        )

        async def watch() -> None:
            await stop.wait()
            server.should_exit = True

        watcher = asyncio.create_task(watch())
        try:
            await server.serve(sockets=[listener])
        finally:
            watcher.cancel()


def component(name: str, app: ASGIApp, settings: HttpSettings | OpsSettings) -> Component:
    """Return a component of a process that serves ``app``."""

    async def run(stop: asyncio.Event) -> None:
        await serve(app, settings, stop)

    return Component(name=name, run=run)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise PortTakenError(f"can't listen on {host}:{port}: {error.strerror}") from error
