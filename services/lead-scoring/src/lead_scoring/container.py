"""Wires lead-scoring: one assembly per process.

Each process imports for itself what others don't need; see ``kakehashi_common.runtime.assemblies``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from kakehashi_common.clock import WallClock
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.http.health import Check
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process, ops, relay_process
from lead_scoring import tables
from lead_scoring.settings import LeadScoringSettings

if TYPE_CHECKING:
    from temporalio.client import Client

    from kakehashi_common.consumer.batch import BatchConsumer
    from lead_scoring.scoring.service import Scoring
    from lead_scoring.suppression.suppression_list import SuppressionList

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
    from kakehashi_common.auth import TokenVerifier
    from kakehashi_common.temporal.client import connect, ping
    from lead_scoring.collector.service import Collector, LeadEventPublisher
    from lead_scoring.http.app import create_app
    from lead_scoring.leads.queries import LeadQueries
    from lead_scoring.maintenance.schedules import Rescores
    from lead_scoring.personal_data.service import PersonalData
    from lead_scoring.rule_publishing.queries import RuleQueries
    from lead_scoring.rule_publishing.service import RulePublishing
    from lead_scoring.rules.rule_cache import RuleCache

    verifier = TokenVerifier(settings.auth)
    publisher = LeadEventPublisher(settings.kafka, topic_prefix=settings.topic_prefix)
    # Lazy: publishing rules works while Temporal is away, and the sweep makes up for it.
    temporal = await connect(settings.temporal, lazy=True)
    rescores = Rescores(temporal, settings.temporal.task_queue, settings.workflow_id_prefix)
    clock = WallClock()
    rule_cache = RuleCache()
    app = create_app(
        settings=settings.http,
        verifier=verifier,
        checks={
            "database": database.ping,
            "kafka": publisher.ping,
            "temporal": partial(ping, temporal),
            "tokens": verifier.ping,
        },
        lead_queries=LeadQueries(database, clock, rule_cache),
        rule_queries=RuleQueries(database, clock, rule_cache),
        collector=Collector(publisher, clock, database),
        publishing=RulePublishing(database, rescores.start),
        personal_data=PersonalData(
            database, topic_prefix=settings.topic_prefix, suppression=_suppression(settings)
        ),
        clock=clock,
        id_prefix=settings.workflow_id_prefix,
    )
    try:
        yield [http_component("api", app, settings.http)]
    finally:
        await publisher.close()
        await verifier.close()


@asynccontextmanager
async def consumer_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Events in, scores into the database; budget phases beside them."""
    from lead_scoring.budget_timing.consumer import budget_phases_consumer
    from lead_scoring.scoring.consumer import lead_events_consumer

    scoring = _scoring(settings, database, cached_leads=settings.cached_leads)
    consumers = {"consumer": lead_events_consumer(settings, scoring)}
    if settings.read_budget_phases:
        consumers["budget-phases"] = budget_phases_consumer(settings, database)

    def is_working(consumer: "BatchConsumer") -> Check:
        async def check() -> None:
            if consumer.problem is not None:
                raise TransientError(consumer.problem)

        return check

    checks = {name: is_working(consumer) for name, consumer in consumers.items()}
    yield [
        *(Component(name, consumer.run) for name, consumer in consumers.items()),
        ops(settings, {"database": database.ping, **checks}),
    ]


@asynccontextmanager
async def worker_process(
    settings: LeadScoringSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Temporal: re-scoring after new rules, decay, retention."""
    from kakehashi_common.temporal.client import connect
    from kakehashi_common.temporal.worker import TemporalWorker
    from lead_scoring.maintenance.activities import LeadScoringActivities
    from lead_scoring.maintenance.retention import Retention, RetentionPolicy
    from lead_scoring.maintenance.schedules import Rescores, keep_schedules
    from lead_scoring.maintenance.workflows import WORKFLOWS

    clock = WallClock()
    queue = settings.temporal.task_queue
    temporal = await connect(settings.temporal, lazy=True)
    activities = LeadScoringActivities(
        database,
        _scoring(settings, database),
        Retention(
            database,
            clock,
            RetentionPolicy(
                event_log=settings.event_log_retention,
                inbox=settings.inbox_retention,
                score_history=settings.score_history_retention,
                audit=settings.audit_retention,
            ),
        ),
        Rescores(temporal, queue, settings.workflow_id_prefix).start,
    )

    async def schedule(client: "Client") -> None:
        await keep_schedules(
            client,
            queue,
            sweep_every=settings.sweep_every,
            id_prefix=settings.workflow_id_prefix,
        )

    worker = TemporalWorker(
        settings.temporal,
        workflows=WORKFLOWS,
        activities=activities.all(),
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


def _scoring(
    settings: LeadScoringSettings, database: Database, *, cached_leads: int = 0
) -> "Scoring":
    from lead_scoring.scoring.service import Scoring

    return Scoring(
        database,
        WallClock(),
        cached_leads=cached_leads,
        as_of_events=settings.clock == "events",
        topic_prefix=settings.topic_prefix,
        suppression=_suppression(settings),
    )


def _suppression(settings: LeadScoringSettings) -> "SuppressionList | None":
    from lead_scoring.suppression.suppression_list import SuppressionList

    key = settings.suppression_key
    return None if key is None else SuppressionList(key.get_secret_value().encode())
