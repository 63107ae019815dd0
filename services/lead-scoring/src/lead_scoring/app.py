"""The only place where lead-scoring is wired together: one assembly per process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Final

from kakehashi_common.clock import WallClock
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.http.app import ops_app
from kakehashi_common.http.health import Check
from kakehashi_common.http.server import component as http_component
from kakehashi_common.messaging.batch import BatchConsumer
from kakehashi_common.messaging.producer import idempotent_producer
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.relay import Relay
from kakehashi_common.settings import TelemetrySettings
from kakehashi_common.telemetry import set_up
from lead_scoring import tables
from lead_scoring.consumers import lead_events_consumer
from lead_scoring.service import Scoring
from lead_scoring.settings import LeadScoringSettings

RELAY_BATCH_BYTES: Final = 524_288
"""A round of scores with their explanations, per partition; the default halves the speed."""


def assembly(process: str, settings: LeadScoringSettings) -> Assembly:
    """What ``python -m lead_scoring <process>`` runs."""
    return partial(_assemble, process, settings)


@asynccontextmanager
async def _assemble(process: str, settings: LeadScoringSettings) -> AsyncIterator[list[Component]]:
    telemetry = set_up(_named(settings.telemetry), process=process)
    database = Database(settings.database, application=f"lead-scoring/{process}")
    try:
        async with PROCESSES[process](settings, database) as components:
            yield list(components)
    finally:
        await database.close()
        await asyncio.to_thread(telemetry.close)


@asynccontextmanager
async def consumer_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Events in, scores into the database."""
    scoring = _scoring(settings, database, cached_leads=settings.cached_leads)
    consumer = lead_events_consumer(settings, scoring)
    yield [
        Component("consumer", consumer.run),
        _ops(settings, {"database": database.ping, "consumer": _working(consumer)}),
    ]


@asynccontextmanager
async def relay_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Messages out of the database, into Kafka."""
    relay = Relay(
        settings.database,
        tables.outbox_table,
        lambda: idempotent_producer(settings.kafka, max_batch_size=RELAY_BATCH_BYTES),
    )
    yield [
        Component("relay", relay.run),
        _ops(settings, {"database": database.ping, "relay": relay.ping}),
    ]


Process = Callable[
    [LeadScoringSettings, Database], AbstractAsyncContextManager[Sequence[Component]]
]

PROCESSES: Final[Mapping[str, Process]] = {
    "consumer": consumer_process,
    "relay": relay_process,
}


def _scoring(
    settings: LeadScoringSettings, database: Database, *, cached_leads: int = 0
) -> Scoring:
    return Scoring(
        database,
        WallClock(),
        cached_leads=cached_leads,
        as_of_events=settings.clock == "events",
        topic_prefix=settings.topic_prefix,
    )


def _ops(settings: LeadScoringSettings, checks: Mapping[str, Check]) -> Component:
    return http_component("ops", ops_app(checks), settings.ops)


def _working(consumer: BatchConsumer) -> Check:
    async def check() -> None:
        if consumer.problem is not None:
            raise TransientError(consumer.problem)

    return check


def _named(settings: TelemetrySettings) -> TelemetrySettings:
    return settings.model_copy(update={"service_name": "lead-scoring"})
