"""The processes of followup: open what they need, and run parts of the container.

Each imports for itself what others don't need; see ``kakehashi_common.runtime.assemblies``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from followup import tables
from followup.settings import FollowupSettings
from kakehashi_common.db import Database
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process, ops, relay_process

if TYPE_CHECKING:
    from temporalio.client import Client


def assembly(process: str, settings: FollowupSettings) -> Assembly:
    """Return the assembly that ``python -m followup <process>`` runs."""
    return assemblies.assembly(PROCESSES, process, settings)


@asynccontextmanager
async def api_process(
    settings: FollowupSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """HTTP: contacts, consents, playbooks, sequences, approvals, tasks."""
    from followup.container import Container
    from followup.http.app import create_app

    container = Container(settings, database)
    try:
        yield [http_component("api", create_app(container), settings.http)]
    finally:
        await container.webhook_client.close()
        await container.verifier.close()


@asynccontextmanager
async def consumer_process(
    settings: FollowupSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Events and mails in: who the contacts are, what they do and answer, and reasons."""
    from followup.container import Container
    from followup.occurrences.consumer import occurrences_consumer
    from followup.triggers.consumer import (
        lead_events,
        lead_events_consumer,
        lead_scores_consumer,
        reasons_consumer,
    )
    from kakehashi_common.consumer.delivery import BatchHandler, in_turn
    from kakehashi_common.lead_merges.batches import under_surviving_ids

    def under_ids_that_stay(*handlers: BatchHandler) -> BatchHandler:
        return under_surviving_ids(database, in_turn(*handlers))

    container = Container(settings, database)
    save_occurrences = in_turn(container.occurrences.save, container.found_reasons.save)
    what_leads_do = lead_events(container.contacts, container.behaviours, save_occurrences)
    consumers = {
        "lead-events": lead_events_consumer(
            settings, in_turn(container.merges.save, under_ids_that_stay(what_leads_do))
        ),
        "lead-scores": lead_scores_consumer(
            settings,
            container.personal_data.save_scores,
            under_ids_that_stay(container.behaviours.save_scores),
        ),
        "reasons": reasons_consumer(
            settings,
            under_ids_that_stay(
                container.reasons.save_reasons,
                container.customers.survey_answers.save,
                container.customers.usage.save,
            ),
        ),
        "occurrences": occurrences_consumer(
            settings,
            under_ids_that_stay(
                save_occurrences, container.council_sessions.save, container.calls.save
            ),
        ),
    }
    try:
        yield [
            *(Component(name, consumer.run) for name, consumer in consumers.items()),
            Component("inbox", container.mails.mail_handler.run),
            *(
                []
                if settings.inbox_imap.host is None
                else [Component("imap", container.mails.imap_mailbox.run)]
            ),
            Component("occurrences-of-leads", container.occurrences.run),
            Component("budget-phases", container.occurrences.run_municipalities),
            Component("behaviours", container.behaviours.run),
            Component("known-days", container.found_reasons.run),
            Component("entries", container.entries.run),
            Component("erasures", container.erasures.run),
            Component("absences", container.reassignments.run),
            Component("precedences", container.precedences.run),
            Component("notices", container.notices.run),
            ops(
                settings,
                {
                    "database": database.ping,
                    "inbox": container.mails.mail_handler.check,
                    **{name: consumer.check for name, consumer in consumers.items()},
                },
            ),
        ]
    finally:
        await container.webhook_client.close()
        await container.mails.mailer.close()


@asynccontextmanager
async def worker_process(
    settings: FollowupSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Temporal: sequences, retention."""
    from followup.container import Container
    from followup.maintenance.schedules import keep_schedules
    from followup.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
    from kakehashi_common.temporal.worker import TemporalWorker

    async def schedule(client: "Client") -> None:
        await keep_schedules(
            client, settings.temporal.task_queue, id_prefix=settings.workflow_id_prefix
        )

    container = Container(settings, database)
    worker = TemporalWorker(
        settings.temporal,
        workflows=WORKFLOWS,
        activities=container.activities,
        passed_through=PASSED_THROUGH,
        permanent_errors=PERMANENT_ERRORS,
        on_connected=schedule,
    )
    try:
        yield [
            worker.component(),
            ops(settings, {"database": database.ping, **worker.checks()}),
        ]
    finally:
        await container.webhook_client.close()
        await container.mails.mailer.close()


PROCESSES: Final[Mapping[str, Process[FollowupSettings]]] = {
    "api": api_process,
    "consumer": consumer_process,
    "relay": relay_process(tables.outbox_table),
    "worker": worker_process,
}
