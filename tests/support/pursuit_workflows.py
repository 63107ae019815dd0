"""Pursuits on the time-skipping server, each beginning on a day that the test names."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.commands import Confirm
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.pursuits.messages import OpenPursuit, Pursuit, PursuitStatus
from budget_calendar.pursuits.workflow import PursuitWorkflow
from budget_calendar.simulation.calendars import SimulatedCalendars
from budget_calendar.simulation.pursuits import SimulatedPursuits
from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS
from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.temporal.time_skipping import ShiftedClock
from tests.support.budget_calendars import KIRYU, a_calendar
from tests.support.waiting import eventually
from tests.support.workers import unhurried_worker

OWNER = "fs-east"

Handle = WorkflowHandle[PursuitWorkflow, str]


class PlainYears(SimulatedCalendars):
    """Kiryu, whose years run as published calendars usually do, but for what a test moves."""

    def __init__(self) -> None:
        super().__init__([CalendarInputs(KIRYU)], CalendarCalculator("published"), ())
        self.moved: dict[int, Mapping[str, date]] = {}

    def calendar(self, code: str, fiscal_year: int) -> BudgetCalendar:
        assert code == KIRYU.code
        return a_calendar(fiscal_year, moved=self.moved.get(fiscal_year))

    def events(self, *kinds: type[EventData]) -> list[EventData]:
        """Return the published events of these kinds, in order."""
        return [each.data for each in self.published.values() if isinstance(each.data, kinds)]

    def reasons(self, *reasons: str) -> list[ReasonArisen]:
        """Return the notices to the owner, by their reasons."""
        told = [e.data for e in self.published.values() if isinstance(e.data, ReasonArisen)]
        return [each for each in told if not reasons or each.reason in reasons]


@dataclass
class PursuitLives:
    """The pursuits of one test, with calendars of their own."""

    environment: WorkflowEnvironment
    name: str
    calendars: PlainYears = field(default_factory=PlainYears)
    openings: dict[str, OpenPursuit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.acts = SimulatedPursuits(self.calendars)
        self.clock = ShiftedClock(self.environment)

    @asynccontextmanager
    async def working(self, *, max_cached_workflows: int = 1000) -> AsyncIterator[Worker]:
        """A worker, until the block ends and what was begun is done.

        The server's time stands still for good when a task that nobody worked on is terminated.
        """
        worker = unhurried_worker(
            self.clock.client,
            self.name,
            workflows=[PursuitWorkflow],
            activities=self.acts.activities(),
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
            max_cached_workflows=max_cached_workflows,
        )
        async with worker:
            yield worker
            await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        for handle in await self._open_ones():
            opening = self.opening(handle.id.removeprefix(self.workflow_id("")))
            await ask(handle, PursuitWorkflow.open_again, opening)

    async def start(
        self, goal: PursuitGoal, begins: date, pursuit_id: str = "p-1", owner: str = OWNER
    ) -> Handle:
        """Start a pursuit as if it were 10:00 of that day in Japan."""
        await self.clock.set_to(_at(begins))
        opening = OpenPursuit(pursuit_id, KIRYU.code, owner, goal)
        self.openings[pursuit_id] = opening
        return await self.environment.client.start_workflow(
            PursuitWorkflow.run,
            Pursuit(opening, opened_by=OWNER),
            id=self.workflow_id(pursuit_id),
            task_queue=self.name,
        )

    async def open(self, goal: PursuitGoal, begins: date, pursuit_id: str = "p-1") -> Handle:
        """Start a pursuit and wait until it has been recorded."""
        handle = await self.start(goal, begins, pursuit_id)
        await self.recorded(pursuit_id)
        return handle

    def opening(self, pursuit_id: str) -> OpenPursuit:
        """Return the request that opened a pursuit, by the test or as a successor."""
        if pursuit_id not in self.openings:
            first = self.openings[pursuit_id.rpartition("-")[0]]
            goal = self.acts.recorded[pursuit_id].state.goal
            return replace(first, pursuit_id=pursuit_id, goal=goal, generation=2)
        return self.openings[pursuit_id]

    def workflow_id(self, pursuit_id: str) -> str:
        return f"{self.name}/pursuit/{pursuit_id}"

    def handle(self, pursuit_id: str = "p-1") -> Handle:
        return self.environment.client.get_workflow_handle_for(
            PursuitWorkflow.run, self.workflow_id(pursuit_id)
        )

    async def recorded(self, pursuit_id: str = "p-1", version: int = 1) -> PursuitState:
        """Wait until that version has been recorded."""

        def there() -> bool:
            found = self.acts.recorded.get(pursuit_id)
            return found is not None and found.state.version >= version

        await eventually(there, what=f"version {version} of {pursuit_id}")
        return self.acts.recorded[pursuit_id].state

    async def until(self, day: date) -> None:
        """Let time pass until 10:00 of that day in Japan."""
        await self.clock.sleep_until(_at(day))

    async def confirm(
        self,
        stage: Stage,
        outcome: Outcome = Outcome.DONE,
        *,
        on: date,
        pursuit_id: str = "p-1",
    ) -> PursuitStatus:
        """Let time pass until that day, and confirm on it what happened."""
        await self.until(on)
        message = Confirm(stage, outcome, on, OWNER)
        return await ask(self.handle(pursuit_id), PursuitWorkflow.confirm, message)

    async def state(self, pursuit_id: str = "p-1") -> PursuitState:
        """The state as the workflow has it."""
        state = await self.handle(pursuit_id).query(PursuitWorkflow.state)
        assert state is not None
        return state

    async def end(self) -> None:
        """Leave no life behind: their timers would be waited for by others."""
        for handle in await self._open_ones():
            await handle.terminate()

    async def _open_ones(self) -> list[Handle]:
        handles = [self.handle(each) for each in {*self.openings, *self.acts.recorded}]
        return [each for each in handles if (await each.describe()).close_time is None]


@asynccontextmanager
async def pursuit_lives(environment: WorkflowEnvironment) -> AsyncIterator[PursuitLives]:
    """Pursuits without a worker."""
    lives = PursuitLives(environment, f"test-{uuid.uuid4().hex[:12]}")
    try:
        yield lives
    finally:
        await lives.end()


async def ask(handle: Handle, update: Any, message: object) -> PursuitStatus:
    """The answer to an update. The SDK's types don't know an update that has a description."""
    standing: PursuitStatus = await handle.execute_update(update, message)
    return standing


async def refusal(handle: Handle, update: Any, message: object) -> tuple[str, str | None]:
    """The code and the field with which an update is refused."""
    try:
        await ask(handle, update, message)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        assert isinstance(cause, ApplicationError), cause
        assert not cause.message.split(" / ")[0].isascii(), "Japanese comes first"
        field, *_ = cause.details
        return str(cause.type), field
    raise AssertionError("it was accepted")


async def runs(workflow_id: str, environment: WorkflowEnvironment) -> list[WorkflowHistory]:
    """The histories of a life, run by run, the newest first."""
    found: list[WorkflowHistory] = []
    run_id: str | None = None
    while run_id != "":
        run: WorkflowHandle[Any, Any] = environment.client.get_workflow_handle(
            workflow_id, run_id=run_id
        )
        found.append(await run.fetch_history())
        started = found[-1].events[0].workflow_execution_started_event_attributes
        run_id = started.continued_execution_run_id
    return found


def _at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=TOKYO).astimezone(UTC)
