"""Budget-calendar beside Temporal: workers in this process, on the test's database."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from budget_calendar.container import Container
from budget_calendar.cycles.activities import BudgetCycleActivities
from budget_calendar.cycles.plan import CyclePlan, PlanCycle
from budget_calendar.cycles.workflow import MunicipalBudgetCycleWorkflow
from budget_calendar.http.app import create_app
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.workflow_names import WorkflowKind
from budget_calendar.pursuits.activities import PursuitActivities
from budget_calendar.pursuits.client import PursuitWorkflows
from budget_calendar.pursuits.messages import RecordPursuit
from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
from kakehashi_common.audit import Actor
from kakehashi_common.errors import NotFoundError, TransientError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.error_boundary import rpc_errors
from tests.support.budget_calendar_api import SCOPES, Service, client
from tests.support.temporal import TestTemporal
from tests.support.waiting import eventually

TESTER = Actor("tester", "test")

Handle = WorkflowHandle[MunicipalBudgetCycleWorkflow, None]


class Line(NotificationClient):
    """Notifies workflows, until it is cut."""

    cut: bool = False

    async def notify(self, notifications: Iterable[PendingNotification]) -> None:
        if self.cut:
            raise TransientError("Temporal is unavailable")
        await super().notify(notifications)

    async def start(self, codes: Iterable[str]) -> None:
        """Start the cycles of ``codes``; those that run already look again."""
        await self.notify([PendingNotification(WorkflowKind.BUDGET_CYCLE, code) for code in codes])

    async def trigger_schedule(self) -> None:
        if not self.cut:
            await super().trigger_schedule()


class RecordedPursuits(PursuitActivities):
    """Activities whose worker can be made to die between the commit and the report of it."""

    dies: int = 0
    """The number of times that it is still to die."""

    @activity.defn
    async def record_pursuit(self, request: RecordPursuit) -> bool:
        newer = await super().record_pursuit(request)
        if self.dies:
            self.dies -= 1
            raise ConnectionError("the worker dies here")
        return newer


class CountedCycles(BudgetCycleActivities):
    """Activities that know how often a cycle was planned."""

    looks: int = 0

    @activity.defn(name="look_ahead")
    async def plan_cycle(self, request: PlanCycle) -> CyclePlan | None:
        self.looks += 1
        return await super().plan_cycle(request)


class Operated:
    """An installation beside Temporal. Workflows live in real time, so calendars do as well."""

    def __init__(self, service: Service, temporal: TestTemporal) -> None:
        self.service = service
        self.temporal = temporal
        settings = service.settings.model_copy(
            update={
                "temporal": TemporalSettings(task_queue=temporal.task_queue),
                "workflow_id_prefix": temporal.prefix,
                "replaced_calendar_retention": timedelta(days=1000),
                "audit_retention": timedelta(days=900),
            }
        )
        self.container = container = Container(settings, service.database)
        container.temporal = temporal.client
        self.line = container.notification_client = Line(
            temporal.client, temporal.task_queue, temporal.prefix
        )
        self.notifier = container.notifier
        self.calendars = container.calendars
        self.follows = container.follows
        self.pursuits = container.pursuit_workflows
        self.budget_cycles = container.cycle_activities = CountedCycles(
            container.database,
            container.calendars,
            container.clock,
            business_days=BUSINESS_DAYS,
            lead_business_days=settings.lead_business_days,
        )
        self.recording = container.pursuit_activities = RecordedPursuits(
            container.database, container.calendars, business_days=BUSINESS_DAYS
        )

    @property
    def client(self) -> Client:
        return self.temporal.client

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with self.temporal.worker(
            WORKFLOWS,
            self.container.activities,
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
        ):
            yield

    async def run(self, workflow: Any) -> WorkflowHandle[Any, Any]:
        """Run one of the workflows that schedules start, to its end."""
        handle = await self.client.start_workflow(
            workflow,
            id=f"{self.temporal.prefix}{workflow.__qualname__}",
            task_queue=self.temporal.task_queue,
        )
        await handle.result()
        return handle

    def life(self, code: str) -> Handle:
        return self.client.get_workflow_handle_for(
            MunicipalBudgetCycleWorkflow.run,
            WorkflowKind.BUDGET_CYCLE.workflow_id(code, self.temporal.prefix),
        )

    async def stands(self, code: str) -> Handle:
        """Wait until the cycle was planned once."""
        handle = self.life(code)

        async def looked() -> bool:
            try:
                status = await handle.query(MunicipalBudgetCycleWorkflow.standing)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
            return status.fiscal_year is not None

        await eventually(looked, what=f"{code} was planned")
        return handle

    async def published(self, code: str) -> list[str]:
        """The types of what is published about a municipality, in order."""
        rows = await self.service.fetch(
            "select convert_from(headers, 'LATIN1') as headers from outbox "
            "where key = $1 order by id",
            code.encode(),
        )
        kinds = ("phase_entered", "milestone_near", "reason_arisen", "calendar_revised")
        return [next(kind for kind in kinds if kind in row["headers"]) for row in rows]

    async def end(self) -> None:
        """Leave no workflow behind."""
        for kind in ("budget-cycle", "pursuit"):
            prefix = f"{self.temporal.prefix}{kind}/"
            async for execution in self.client.list_workflows(
                f"ExecutionStatus='Running' and WorkflowId starts_with '{prefix}'"
            ):
                with suppress(NotFoundError), rpc_errors():  # it may have ended by itself
                    await self.client.get_workflow_handle(execution.id).terminate()

    @asynccontextmanager
    async def http(
        self, workflows: PursuitWorkflows | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        """The API in real time, beside Temporal; it carries a token with every scope."""
        container = replace(self.container)
        container.pursuit_workflows = workflows or self.pursuits
        container.notification_client = self.line
        try:
            async with client(create_app(container), self.service.token(*SCOPES)) as http:
                yield http
        finally:
            await container.verifier.close()
