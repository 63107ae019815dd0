"""Clients of Temporal."""

import asyncio
import atexit
import gc
import logging
import random
from collections.abc import Coroutine
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, TLSConfig

from kakehashi_common.errors import FaultError, TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.codec import data_converter
from kakehashi_common.temporal.error_boundary import UNANSWERED, rpc_errors

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 5.0
"""Seconds between attempts while Temporal is unavailable."""

_HEALTH_CHECK_WITHIN = timedelta(seconds=2)


async def connect(settings: TemporalSettings) -> Client:
    """Return a client that converts, encrypts and traces as all our processes do.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the key.
    """
    with rpc_errors():
        return await _client(settings, lazy=False)


def lazy_client(settings: TemporalSettings) -> Client:
    """Return the same client, which connects with its first call.

    A process that has one starts while Temporal is unavailable; a worker can't use one.
    """
    making = _client(settings, lazy=True)
    try:
        # Client.connect is a coroutine in any case; without a connection it waits for nothing.
        making.send(None)
    except StopIteration as made:
        client: Client = made.value
        return client
    raise RuntimeError("temporalio waits for something, although the client is lazy")


async def connect_when_available(settings: TemporalSettings, stop: asyncio.Event) -> Client | None:
    """Return a client as soon as Temporal answers; ``None`` when ``stop`` is set first."""
    pause = 0.5
    while not stop.is_set():
        try:
            return await connect(settings)
        except (FaultError, TransientError) as error:
            log.warning("waiting for Temporal", address=settings.address, reason=error.message)
        try:
            await asyncio.wait_for(
                stop.wait(),
                timeout=random.uniform(pause / 2, pause),  # noqa: S311 - spreads load
            )
        except TimeoutError:
            pause = min(_LONGEST_PAUSE, pause * 2)
    return None


async def ping(client: Client) -> None:
    """Prove that Temporal answers; for ``/readyz``.

    Raises:
        TransientError: it does not. A health check waits for no work, so one that is not answered
            in time means that Temporal is unavailable, not that it is busy.
        BusyError: it answers that it has too much to do.
        FaultError: it refuses the key.
    """
    with rpc_errors():
        try:
            serving = await client.service_client.check_health(timeout=_HEALTH_CHECK_WITHIN)
        except RPCError as error:
            if error.status not in UNANSWERED:
                raise
            seconds = _HEALTH_CHECK_WITHIN.total_seconds()
            raise TransientError(
                f"Temporal can't be reached: no answer to a health check within {seconds:g} s"
            ) from error
        if not serving:
            raise TransientError("Temporal says that it is not serving")


def _client(settings: TemporalSettings, *, lazy: bool) -> Coroutine[Any, Any, Client]:
    return Client.connect(
        settings.address,
        namespace=settings.namespace,
        api_key=None if settings.api_key is None else settings.api_key.get_secret_value(),
        data_converter=data_converter(settings),
        interceptors=[TracingInterceptor()],
        tls=_tls(settings),
        connect_timeout=timedelta(seconds=settings.connect_timeout_seconds),
        lazy=lazy,
        runtime=_runtime(),
    )


@cache
def _runtime() -> Runtime:
    """Return the process's one runtime, whose log lines join ours instead of going to stderr."""
    atexit.register(_end_runtime)
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
            )
        )
    )


def _end_runtime() -> None:
    """Wait for the runtime's threads to end, before the interpreter does.

    A thread that has just brought an answer holds the interpreter's lock for an instant longer, and
    aborts the process if it gives the lock back while the interpreter ends. Without a client and
    this reference the runtime ends, and takes its threads along.
    """
    _runtime.cache_clear()
    gc.collect()


def _tls(settings: TemporalSettings) -> TLSConfig | bool:
    if not settings.tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_read(settings.tls_ca_file),
        client_cert=_read(settings.tls_certificate_file),
        client_private_key=_read(settings.tls_key_file),
    )


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
