"""The processes of handoff: open what they need, and run parts of the container.

Each imports for itself what others don't need; see ``kakehashi_common.runtime.assemblies``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from handoff import tables
from handoff.settings import HandoffSettings
from kakehashi_common.db import Database
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process, ops, relay_process

if TYPE_CHECKING:
    from temporalio.client import Client


def assembly(process: str, settings: HandoffSettings) -> Assembly:
    """Return the assembly that ``python -m handoff <process>`` runs."""
    return assemblies.assembly(PROCESSES, process, settings)


@asynccontextmanager
async def api_process(
    settings: HandoffSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """HTTP: handoffs, teams, members, territories, deals, sellers' activities."""
    from handoff.container import Container
    from handoff.http.app import create_app

    container = Container(settings, database)
    try:
        yield [http_component("api", create_app(container), settings.http)]
    finally:
        await container.deal_publisher.close()
        await container.activity_publisher.close()
        await container.verifier.close()


@asynccontextmanager
async def consumer_process(
    settings: HandoffSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Events in: qualifications, budget phases, deals, activities, leads; erasures."""
    from handoff.container import Container
    from handoff.deals.consumer import deal_events_consumer
    from handoff.handoffs.consumer import budget_phases_consumer, lead_qualified_consumer
    from handoff.leads.consumer import (
        followups_consumer,
        lead_events_consumer,
        lead_scores_consumer,
        municipalities_consumer,
    )
    from handoff.seller_activities.consumer import seller_activities_consumer

    container = Container(settings, database)
    consumers = {
        "lead-events": lead_events_consumer(settings, container.leads, database),
        "lead-qualified": lead_qualified_consumer(settings, container.handoffs),
        "lead-scores": lead_scores_consumer(settings, container.leads),
        "followups": followups_consumer(settings, container.leads, database),
        "municipalities": municipalities_consumer(settings, container.leads, database),
        "recycled": budget_phases_consumer(settings, container.waking),
        "deal-events": deal_events_consumer(settings, container.deal_statements),
        "seller-activities": seller_activities_consumer(settings, container.seller_activities),
    }
    yield [
        *(Component(name, consumer.run) for name, consumer in consumers.items()),
        Component("waking", container.waking.run),
        Component("doubled-handoffs", container.doubled_handoffs.run),
        Component("erasures", container.erasures.run),
        ops(
            settings,
            {
                "database": database.ping,
                **{name: consumer.check for name, consumer in consumers.items()},
            },
        ),
    ]


@asynccontextmanager
async def worker_process(
    settings: HandoffSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Temporal: handoffs, retention."""
    from handoff.container import Container
    from handoff.maintenance.schedules import keep_schedules
    from handoff.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
    from kakehashi_common.temporal.worker import TemporalWorker

    async def schedule(client: "Client") -> None:
        await keep_schedules(
            client, settings.temporal.task_queue, id_prefix=settings.workflow_id_prefix
        )

    worker = TemporalWorker(
        settings.temporal,
        workflows=WORKFLOWS,
        activities=Container(settings, database).activities,
        passed_through=PASSED_THROUGH,
        permanent_errors=PERMANENT_ERRORS,
        on_connected=schedule,
    )
    yield [
        worker.component(),
        ops(settings, {"database": database.ping, **worker.checks()}),
    ]


@asynccontextmanager
async def notifier_process(
    settings: HandoffSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Notifications out: mail and webhooks."""
    from handoff.container import Container

    container = Container(settings, database)
    try:
        yield [
            Component("notifier", container.notifier.run),
            ops(settings, {"database": database.ping}),
        ]
    finally:
        await container.webhook_poster.close()


PROCESSES: Final[Mapping[str, Process[HandoffSettings]]] = {
    "api": api_process,
    "consumer": consumer_process,
    "relay": relay_process(tables.outbox_table),
    "worker": worker_process,
    "notifier": notifier_process,
}
