"""The processes of budget-calendar: open what they need, and run parts of the container.

Each imports for itself what others don't need; see ``kakehashi_common.runtime.assemblies``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from budget_calendar import tables
from budget_calendar.settings import BudgetCalendarSettings
from kakehashi_common.db import Database
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process, ops, relay_process

if TYPE_CHECKING:
    from temporalio.client import Client


def assembly(process: str, settings: BudgetCalendarSettings) -> Assembly:
    """Return the assembly that ``python -m budget_calendar <process>`` runs."""
    return assemblies.assembly(PROCESSES, process, settings)


@asynccontextmanager
async def api_process(
    settings: BudgetCalendarSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """HTTP: registry, calendars, follows, pursuits, pictures."""
    from budget_calendar.container import Container
    from budget_calendar.http.app import create_app

    container = Container(settings, database)
    try:
        yield [http_component("api", create_app(container), settings.http)]
    finally:
        await container.verifier.close()


@asynccontextmanager
async def worker_process(
    settings: BudgetCalendarSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Temporal: budget cycles, pursuits, and what schedules start."""
    from budget_calendar.container import Container
    from budget_calendar.maintenance.schedules import keep_schedules
    from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
    from kakehashi_common.temporal.worker import TemporalWorker

    async def schedule(client: "Client") -> None:
        await keep_schedules(
            client,
            settings.temporal.task_queue,
            tell_every=settings.tell_every,
            id_prefix=settings.workflow_id_prefix,
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


PROCESSES: Final[Mapping[str, Process[BudgetCalendarSettings]]] = {
    "api": api_process,
    "relay": relay_process(tables.outbox_table),
    "worker": worker_process,
}
