"""Assemble a service's processes: one assembly per process, the same in each service.

A service's ``processes.py`` declares them; what every service has (telemetry, the database, a
relay, the ops endpoints, all in one process on a laptop) is here. What only one process needs is
imported where it is assembled: FastAPI, FastStream and Temporal take longer to load than the rest
of a start.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Table

from kakehashi_common.db import Database
from kakehashi_common.http.health import Check, ops_app
from kakehashi_common.http.server import component as http_component
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.settings import DatabaseSettings, OpsSettings, TelemetrySettings
from kakehashi_common.telemetry import set_up


class ServiceSettings(Protocol):
    """The settings that every service has."""

    @property
    def database(self) -> DatabaseSettings:
        """The service's own database."""

    @property
    def kafka(self) -> KafkaSettings:
        """The settings of the connection to Kafka."""

    @property
    def telemetry(self) -> TelemetrySettings:
        """Its ``service_name`` is the service's."""

    @property
    def ops(self) -> OpsSettings:
        """The settings of the health checks of processes without an API."""


S = TypeVar("S", bound=ServiceSettings)

Process = Callable[[S, Database], AbstractAsyncContextManager[Sequence[Component]]]
"""Opens what the components of one process need, yields them, and closes it afterwards."""

ALL = "all"
"""The process that runs everything, for a laptop."""


def assembly(processes: Mapping[str, Process[S]], process: str, settings: S) -> Assembly:
    """Return what ``python -m <package> <process>`` runs; ``all`` runs all of ``processes``."""
    chosen = _all_of(processes) if process == ALL else processes[process]
    return partial(_assemble, chosen, process, settings)


@asynccontextmanager
async def _assemble(
    assemble: Process[S], process: str, settings: S
) -> AsyncIterator[list[Component]]:
    telemetry = set_up(settings.telemetry, process=process)
    application = f"{settings.telemetry.service_name}/{process}"
    database = Database(settings.database, application=application)
    try:
        async with assemble(settings, database) as components:
            yield list(components)
    finally:
        await database.close()
        await asyncio.to_thread(telemetry.close)


def _all_of(processes: Mapping[str, Process[S]]) -> Process[S]:
    """Everything in one process; the API's port serves its metrics and health."""

    @asynccontextmanager
    async def assemble(settings: S, database: Database) -> AsyncIterator[Sequence[Component]]:
        async with AsyncExitStack() as stack:
            yield [
                component
                for process in processes.values()
                for component in await stack.enter_async_context(process(settings, database))
                if component.name != "ops"
            ]

    return assemble


def relay_process(outbox: Table, *, max_batch_bytes: int | None = None) -> Process[ServiceSettings]:
    """Messages out of ``outbox``, into Kafka.

    ``max_batch_bytes`` is the producer's, for large messages.
    """

    @asynccontextmanager
    async def assemble(
        settings: ServiceSettings, database: Database
    ) -> AsyncIterator[Sequence[Component]]:
        from kakehashi_common.kafka.producer import idempotent_producer
        from kakehashi_common.outbox.backlog import OutboxBacklog
        from kakehashi_common.outbox.relay import Relay

        options = {} if max_batch_bytes is None else {"max_batch_size": max_batch_bytes}
        relay = Relay(
            settings.database, outbox, lambda: idempotent_producer(settings.kafka, **options)
        )
        yield [
            Component("relay", relay.run),
            Component("outbox-backlog", OutboxBacklog(settings.database, outbox).run),
            ops(settings, {"database": database.ping, "relay": relay.ping}),
        ]

    return assemble


def ops(settings: ServiceSettings, checks: Mapping[str, Check]) -> Component:
    """The ops endpoints of a process that serves no API."""
    return http_component("ops", ops_app(checks), settings.ops)
