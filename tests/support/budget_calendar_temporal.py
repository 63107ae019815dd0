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

from budget_calendar.calendars.calculator import CalendarCalculator
from budget_calendar.calendars.holidays import BUSINESS_DAYS
from budget_calendar.calendars.service import Calendars
from budget_calendar.contract_rules.service import ContractRules
from budget_calendar.cycles.activities import BudgetCycleActivities
from budget_calendar.cycles.plan import CyclePlan, PlanCycle
from budget_calendar.cycles.workflow import MunicipalBudgetCycleWorkflow
from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
from budget_calendar.follows.service import Follows
from budget_calendar.http.app import create_app
from budget_calendar.maintenance.activities import MaintenanceActivities, RetentionPolicy
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.service import Notifier
from budget_calendar.notifications.workflow_names import WorkflowKind
from budget_calendar.pursuits.activities import PursuitActivities
from budget_calendar.pursuits.client import PursuitWorkflows
from budget_calendar.pursuits.messages import RecordPursuit
from budget_calendar.pursuits.service import PursuitRequests
from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
from kakehashi_common.audit import Actor
from kakehashi_common.auth import TokenVerifier
from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.errors import NotFoundError, TransientError
from kakehashi_common.settings import AuthSettings, HttpSettings
from kakehashi_common.temporal.error_boundary import rpc_errors
from tests.support.budget_calendar_api import SCOPES, Service
from tests.support.temporal import TestTemporal
from tests.support.waiting import eventually

TESTER = Actor("tester", "test")

Handle = WorkflowHandle[MunicipalBudgetCycleWorkflow, None]


class Line(NotificationClient):
    """What notifies workflows, until it is cut."""

    cut: bool = False

    async def notify(self, notifications: Iterable[PendingNotification]) -> None:
        if self.cut:
            raise TransientError("Temporal is away")
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
    """How often it does yet."""

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
        self.clock: Clock = WallClock()
        self.line = Line(temporal.client, temporal.task_queue, temporal.prefix)
        self.notifier = Notifier(service.database, self.line)
        self.pursuits = PursuitWorkflows(temporal.client, temporal.task_queue, temporal.prefix)
        self.calendars = Calendars(
            service.database, self.clock, CalendarCalculator("published"), self.notifier
        )
        self.following = Follows(service.database, self.clock, self.notifier)
        self.budget_cycles = CountedCycles(
            service.database,
            self.calendars,
            self.clock,
            business_days=BUSINESS_DAYS,
            lead_business_days=LEAD_BUSINESS_DAYS,
        )
        maintenance = MaintenanceActivities(
            service.database,
            self.calendars,
            self.notifier,
            RetentionPolicy(
                announced=timedelta(days=800),
                replaced_calendars=timedelta(days=1000),
                audit=timedelta(days=900),
            ),
        )
        self.recording = RecordedPursuits(
            service.database, self.calendars, business_days=BUSINESS_DAYS
        )
        self.activities = (
            *self.budget_cycles.all(),
            *self.recording.all(),
            *maintenance.all(),
        )

    @property
    def client(self) -> Client:
        return self.temporal.client

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with self.temporal.worker(
            WORKFLOWS,
            self.activities,
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
        published = self.service.issuer.metadata()
        verifier = TokenVerifier(
            AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"])
        )
        reached = workflows or self.pursuits
        pursuits = PursuitRequests(self.service.database, self.calendars, reached.open, reached.ask)
        parts = replace(
            self.service.parts,
            clock=self.clock,
            calendars=self.calendars,
            contract_rules=ContractRules(self.service.database, self.notifier),
            pursuits=pursuits,
        )
        app = create_app(settings=HttpSettings(), verifier=verifier, checks={}, parts=parts)
        try:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://budget-calendar",
                headers=self.service.token(*SCOPES),
            ) as client:
                yield client
        finally:
            await verifier.close()
