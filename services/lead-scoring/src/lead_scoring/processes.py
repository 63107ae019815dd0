"""The processes of lead-scoring: open what they need, and run parts of the container.

Each imports for itself what others don't need; see ``kakehashi_common.runtime.assemblies``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from kakehashi_common.db import Database
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process, ops, relay_process
from lead_scoring import tables
from lead_scoring.settings import LeadScoringSettings

if TYPE_CHECKING:
    from temporalio.client import Client

RELAY_BATCH_BYTES: Final = 524_288
"""A round of scores with their explanations, per partition; the default halves the speed."""


def assembly(process: str, settings: LeadScoringSettings) -> Assembly:
    """Return the assembly that ``python -m lead_scoring <process>`` runs."""
    return assemblies.assembly(PROCESSES, process, settings)


@asynccontextmanager
async def api_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """HTTP: events in, scores and explanations out, rules, personal data."""
    from lead_scoring.container import Container
    from lead_scoring.http.app import create_app

    container = Container(settings, database)
    try:
        yield [http_component("api", create_app(container), settings.http)]
    finally:
        await container.publisher.close()
        await container.verifier.close()


@asynccontextmanager
async def consumer_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Events in, scores into the database; budget phases, handoffs and deals beside them."""
    from lead_scoring.budget_timing.consumer import budget_phases_consumer
    from lead_scoring.container import Container
    from lead_scoring.feedback.consumer import feedback_consumer
    from lead_scoring.scoring.consumer import lead_events_consumer

    container = Container(settings, database)
    consumers = {"consumer": lead_events_consumer(settings, container.scoring)}
    if settings.read_budget_phases:
        consumers["budget-phases"] = budget_phases_consumer(settings, database)
    if settings.read_handoffs:
        consumers["feedback"] = feedback_consumer(settings, database, container.suppression)

    checks = {name: consumer.check for name, consumer in consumers.items()}
    yield [
        *(Component(name, consumer.run) for name, consumer in consumers.items()),
        ops(settings, {"database": database.ping, **checks}),
    ]


@asynccontextmanager
async def worker_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Temporal: re-scoring after new rules, decay, retention."""
    from kakehashi_common.temporal.worker import TemporalWorker
    from lead_scoring.container import Container
    from lead_scoring.maintenance.schedules import keep_schedules
    from lead_scoring.maintenance.workflow import WORKFLOWS

    container = Container(settings, database)

    async def schedule(client: "Client") -> None:
        await keep_schedules(
            client,
            settings.temporal.task_queue,
            sweep_every=settings.sweep_every,
            id_prefix=settings.workflow_id_prefix,
        )

    worker = TemporalWorker(
        settings.temporal,
        workflows=WORKFLOWS,
        activities=container.activities,
        passed_through=("lead_scoring",),
        on_connected=schedule,
    )
    yield [
        worker.component(),
        ops(settings, {"database": database.ping, **worker.checks()}),
    ]


PROCESSES: Final[Mapping[str, Process[LeadScoringSettings]]] = {
    "api": api_process,
    "consumer": consumer_process,
    "relay": relay_process(tables.outbox_table, max_batch_bytes=RELAY_BATCH_BYTES),
    "worker": worker_process,
}
