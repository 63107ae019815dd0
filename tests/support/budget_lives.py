"""Budget cycles on the time-skipping server, each beginning on a day that the test names."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.plan import CyclePlan, PlanCycle
from budget_calendar.cycles.workflow import BudgetCycle, MunicipalBudgetCycleWorkflow
from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
from budget_calendar.simulation.calendars import SimulatedCalendars
from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS
from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.events import EventData
from kakehashi_common.errors import TransientError
from kakehashi_common.temporal.time_skipping import ShiftedClock, time_skipping
from tests.support import stack
from tests.support.waiting import eventually
from tests.support.workers import unhurried_worker

Handle = WorkflowHandle[MunicipalBudgetCycleWorkflow, None]
D = TypeVar("D", bound=EventData)


def at(day: date, hour: int = 10) -> datetime:
    """An instant of that day in Japan: by default, after the day's announcements."""
    return datetime.combine(day, time(hour), tzinfo=TOKYO)


class WatchedCalendars(SimulatedCalendars):
    """Calendars that count how often they are planned from, and let a test hold one planning."""

    def __init__(self, sources: Iterable[CalendarInputs]) -> None:
        super().__init__(sources, CalendarCalculator("published"), LEAD_BUSINESS_DAYS)
        self.looks = 0
        self.held: asyncio.Event | None = None
        """Looks wait for it."""
        self.away = False
        """As if the database were."""

    @activity.defn(name="look_ahead")
    async def plan_cycle(self, request: PlanCycle) -> CyclePlan | None:
        self.looks += 1
        if self.away:
            raise TransientError("the database is unavailable")
        plan = await super().plan_cycle(request)
        if self.held is not None:
            await self.held.wait()
        return plan

    def events(self, kind: type[D]) -> list[tuple[datetime, D]]:
        """Published events of a kind, in the order of publication, with their instants."""
        return [
            (each.occurred_at, each.data)
            for each in self.published.values()
            if isinstance(each.data, kind)
        ]


@dataclass
class Lives:
    """The workflows of one test."""

    environment: WorkflowEnvironment
    calendars: WatchedCalendars
    name: str
    started: list[Handle] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = ShiftedClock(self.environment)

    @asynccontextmanager
    async def working(self, max_cached_workflows: int = 100) -> AsyncIterator[Worker]:
        """A worker, until the block ends."""
        worker = unhurried_worker(
            self.clock.client,
            self.name,
            workflows=[MunicipalBudgetCycleWorkflow],
            activities=self.calendars.activities(),
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
            max_cached_workflows=max_cached_workflows,
        )
        async with worker:
            yield worker

    async def follow(self, code: str, begins: datetime) -> Handle:
        """Start a life as if it were ``begins``."""
        await self.clock.set_to(begins)
        handle = await self.environment.client.start_workflow(
            MunicipalBudgetCycleWorkflow.run,
            BudgetCycle(code),
            id=f"{self.name}/budget-cycle/{code}",
            task_queue=self.name,
        )
        self.started.append(handle)

        async def stands() -> bool:
            status = await handle.query(MunicipalBudgetCycleWorkflow.standing)
            return status.fiscal_year is not None

        await eventually(stands, what="it is planned")
        return handle

    async def looked(self, times: int = 1) -> None:
        """Wait until plans have been made so often."""
        await eventually(lambda: self.calendars.looks >= times, what=f"{times} looks", within=90)

    async def until(self, instant: datetime) -> None:
        """Let time pass."""
        await self.clock.sleep_until(instant)

    async def end(self) -> None:
        """Leave no life behind: their timers would be waited for by others."""
        for handle in self.started:
            description = await handle.describe()
            if description.close_time is None:
                await handle.terminate()


@asynccontextmanager
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """The time-skipping server."""
    async with time_skipping(stack.time_skipping_test_server()) as started:
        yield started


@asynccontextmanager
async def lives(started: WorkflowEnvironment, *sources: CalendarInputs) -> AsyncIterator[Lives]:
    """Cycles of those municipalities."""
    made = Lives(started, WatchedCalendars(sources), f"test-{uuid.uuid4().hex[:12]}")
    try:
        yield made
    finally:
        await made.end()


async def runs(handle: Handle, environment: WorkflowEnvironment) -> list[WorkflowHistory]:
    """The histories of a life, run by run."""
    found: list[WorkflowHistory] = []
    run_id: str | None = handle.first_execution_run_id
    while run_id:
        run: WorkflowHandle[Any, Any] = environment.client.get_workflow_handle(
            handle.id, run_id=run_id
        )
        found.append(await run.fetch_history())
        last = found[-1].events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


def inputs(histories: Iterable[WorkflowHistory]) -> Iterator[bytes]:
    """Yield the input of each run, as JSON."""
    for history in histories:
        first = history.events[0]
        assert first.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
        yield first.workflow_execution_started_event_attributes.input.payloads[0].data
