"""The only place where budget-calendar is wired together: one assembly per process.

Each process imports for itself what others don't need; see ``kakehashi_common.runtime.assemblies``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from budget_calendar import tables
from budget_calendar.settings import BudgetCalendarSettings
from kakehashi_common.clock import WallClock
from kakehashi_common.db import Database
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process, ops, relay_process

if TYPE_CHECKING:
    from temporalio.client import Client

    from budget_calendar.calendars.service import Calendars
    from budget_calendar.notifications.service import Notifier


def assembly(process: str, settings: BudgetCalendarSettings) -> Assembly:
    """What ``python -m budget_calendar <process>`` runs."""
    return assemblies.assembly(PROCESSES, process, settings)


@asynccontextmanager
async def api_process(
    settings: BudgetCalendarSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """HTTP: registry, calendars, follows, pursuits, pictures."""
    from budget_calendar.calendars.calculator import CalendarCalculator
    from budget_calendar.calendars.queries import CalendarQueries
    from budget_calendar.contract_rules.service import ContractRules
    from budget_calendar.feeds.service import Subscriptions
    from budget_calendar.follows.queries import FollowQueries
    from budget_calendar.follows.service import Follows
    from budget_calendar.http.app import Parts, create_app
    from budget_calendar.overview.queries import OverviewQueries
    from budget_calendar.pursuits.client import PursuitWorkflows
    from budget_calendar.pursuits.service import PursuitRequests
    from budget_calendar.registry.queries import RegistryQueries
    from budget_calendar.subsidies.service import Subsidies
    from kakehashi_common.auth import TokenVerifier
    from kakehashi_common.temporal.client import lazy_client, ping

    verifier = TokenVerifier(settings.auth)
    # Lazy: calendars are read and corrected while Temporal is away; a schedule makes up for it.
    temporal = lazy_client(settings.temporal)
    clock = WallClock()
    notifier = _notifier(settings, database, temporal)
    calendars = _calendars(settings, database, notifier)
    pursuits = PursuitWorkflows(temporal, settings.temporal.task_queue, settings.workflow_id_prefix)
    registry = RegistryQueries(database, clock)
    overview = OverviewQueries(database, clock, registry)
    calendar_queries = CalendarQueries(
        database, clock, CalendarCalculator(settings.template), calendars
    )
    app = create_app(
        settings=settings.http,
        verifier=verifier,
        checks={
            "database": database.ping,
            "temporal": partial(ping, temporal),
            "tokens": verifier.ping,
        },
        parts=Parts(
            clock=clock,
            registry=registry,
            follow_queries=FollowQueries(database, registry),
            calendar_queries=calendar_queries,
            calendars=calendars,
            contract_rules=ContractRules(database, notifier),
            following=Follows(database, clock, notifier),
            overview=overview,
            subsidies=Subsidies(database, notifier),
            subscriptions=Subscriptions(database, clock, registry, calendar_queries, overview),
            pursuits=PursuitRequests(database, calendars, pursuits.open, pursuits.ask),
        ),
    )
    try:
        yield [http_component("api", app, settings.http)]
    finally:
        await verifier.close()


@asynccontextmanager
async def worker_process(
    settings: BudgetCalendarSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """Temporal: budget cycles, pursuits, and what schedules start."""
    from budget_calendar.calendars.holidays import BUSINESS_DAYS
    from budget_calendar.cycles.activities import BudgetCycleActivities
    from budget_calendar.maintenance.activities import MaintenanceActivities, RetentionPolicy
    from budget_calendar.maintenance.schedules import keep_schedules
    from budget_calendar.pursuits.activities import PursuitActivities
    from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
    from kakehashi_common.temporal.client import lazy_client
    from kakehashi_common.temporal.worker import TemporalWorker

    clock = WallClock()
    temporal = lazy_client(settings.temporal)
    notifier = _notifier(settings, database, temporal)
    calendars = _calendars(settings, database, notifier)
    budget_cycles = BudgetCycleActivities(
        database,
        calendars,
        clock,
        business_days=BUSINESS_DAYS,
        lead_business_days=settings.lead_business_days,
        topic_prefix=settings.topic_prefix,
    )
    pursuits = PursuitActivities(
        database, calendars, business_days=BUSINESS_DAYS, topic_prefix=settings.topic_prefix
    )
    maintenance = MaintenanceActivities(
        database,
        calendars,
        notifier,
        RetentionPolicy(
            announced=settings.announced_retention,
            replaced_calendars=settings.replaced_calendar_retention,
            audit=settings.audit_retention,
        ),
    )

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
        activities=(*budget_cycles.all(), *pursuits.all(), *maintenance.all()),
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


def _notifier(
    settings: BudgetCalendarSettings, database: Database, temporal: "Client"
) -> "Notifier":
    from budget_calendar.notifications.client import NotificationClient
    from budget_calendar.notifications.service import Notifier

    return Notifier(
        database,
        NotificationClient(temporal, settings.temporal.task_queue, settings.workflow_id_prefix),
    )


def _calendars(
    settings: BudgetCalendarSettings, database: Database, notifier: "Notifier"
) -> "Calendars":
    from budget_calendar.calendars.calculator import CalendarCalculator
    from budget_calendar.calendars.service import Calendars

    return Calendars(
        database,
        WallClock(),
        CalendarCalculator(settings.template),
        notifier,
        topic_prefix=settings.topic_prefix,
    )
