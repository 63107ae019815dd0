"""Play a scenario with the workflows that run in production, on the time-skipping server."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.calendars.repository import CalendarVersion
from budget_calendar.calendars.revisions import calendar_revised
from budget_calendar.cycles.messages import Correct
from budget_calendar.cycles.workflow import BudgetCycle, MunicipalBudgetCycleWorkflow
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.revision import moved
from budget_calendar.domain.budget_year.scheduled_events import JAPAN
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.pursuits.client import UPDATES
from budget_calendar.pursuits.messages import OpenPursuit, Pursuit
from budget_calendar.pursuits.workflow import PursuitWorkflow
from budget_calendar.simulation.calendars import SimulatedCalendars
from budget_calendar.simulation.pursuits import SimulatedPursuits
from budget_calendar.simulation.scenario import (
    CorrectMilestone,
    ObserveSession,
    Scenario,
    ScenarioEvent,
    SendMessage,
    TermBecomesKnown,
)
from budget_calendar.workflows import PASSED_THROUGH, PERMANENT_ERRORS
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.budget_phases import RevisionCause
from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.errors import NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.refusals import english
from kakehashi_common.temporal.time_skipping import ShiftedClock, time_skipping
from kakehashi_common.temporal.worker import make_worker

BEGINS_AT: Final = time(8, tzinfo=JAPAN)
"""On the first day: before that day's announcements."""

HAPPENS_AT: Final = time(10, tzinfo=JAPAN)
"""When a scenario's events happen: after the announcements of their day."""

STEP: Final = timedelta(days=7)
"""The time skipped at once. A call waits until all work due in it is done, and many municipalities
have much due on one day."""

_QUEUE: Final = "simulation"


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """An event of the scenario, and whether it could happen."""

    event: ScenarioEvent
    refused: str | None = None
    """Why it could not."""


@dataclass(frozen=True, slots=True)
class Played:
    """The outcome of a scenario."""

    scenario: Scenario
    published: tuple[Event[EventData], ...]
    """The events of one municipality are in order."""
    pursuits: tuple[PursuitState, ...]
    """The last state of each pursuit, in the order of their openings."""
    carried_out: tuple[CarriedOut, ...]
    calendars: Mapping[tuple[str, int], BudgetCalendar]
    """The last calendars of the simulated years and the next one, by code and fiscal year."""

    @property
    def refused(self) -> tuple[CarriedOut, ...]:
        """The events that could not happen."""
        return tuple(each for each in self.carried_out if each.refused)


@dataclass(frozen=True, slots=True)
class CachedCalculator(CalendarCalculator):
    """Computes each calendar once for the same inputs."""

    _cache: dict[tuple[int, int], tuple[CalendarInputs, BudgetCalendar]] = field(
        default_factory=dict
    )

    def calendar(self, inputs: CalendarInputs, fiscal_year: int) -> BudgetCalendar:
        """Return the calendar of a municipality for a fiscal year."""
        key = (id(inputs), fiscal_year)
        if key not in self._cache:  # the inputs are kept, so that no others take their id
            self._cache[key] = (inputs, CalendarCalculator.calendar(self, inputs, fiscal_year))
        return self._cache[key][1]


async def play(
    scenario: Scenario,
    server: Path | None,
    *,
    template: str,
    lead_business_days: Sequence[int],
    on_day: Callable[[date], None] = lambda _: None,
) -> Played:
    """Let the years of a scenario pass.

    Args:
        scenario: what happens.
        server: the time-skipping server; ``None`` has the SDK download one.
        template: of the calendars.
        lead_business_days: how long before a milestone it is announced.
        on_day: called with the day that time has come to, for a progress bar.

    Raises:
        ServerUnavailableError: the server does not start, or can't be downloaded.
    """
    calculator = CachedCalculator(template)
    calendars = SimulatedCalendars(scenario.inputs, calculator, lead_business_days)
    pursuits = SimulatedPursuits(calendars, scenario.subsidies)
    async with time_skipping(server) as environment:
        clock = ShiftedClock(environment)
        await clock.set_to(datetime.combine(scenario.starts, BEGINS_AT))
        client = clock.client
        async with make_worker(
            client,
            _QUEUE,
            workflows=(MunicipalBudgetCycleWorkflow, PursuitWorkflow),
            activities=(*calendars.activities(), *pursuits.activities()),
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
        ):
            player = _Player(client, clock, calendars, pursuits, on_day)
            for each in scenario.inputs:
                await player.follow(each.municipality.code)
            carried_out = [await player.carry_out(event) for event in scenario.events]
            await player.wait_until(datetime.combine(scenario.ends, BEGINS_AT))
    years = range(fiscal_year_of(scenario.starts), fiscal_year_of(scenario.ends) + 2)
    return Played(
        scenario,
        tuple(calendars.published.values()),
        tuple(
            sorted(
                (each.state for each in pursuits.recorded.values()),
                key=lambda state: (state.opened_on, state.pursuit_id),
            )
        ),
        tuple(carried_out),
        {
            (code, year): calculator.calendar(each.inputs, year)
            for code, each in calendars.municipalities.items()
            for year in years
        },
    )


class _Player:
    """Lets time pass and carries out the events of the scenario."""

    def __init__(
        self,
        client: Client,
        clock: ShiftedClock,
        calendars: SimulatedCalendars,
        pursuits: SimulatedPursuits,
        on_day: Callable[[date], None],
    ) -> None:
        self._client = client
        self._clock = clock
        self._simulated = calendars
        self._pursuits = pursuits
        self._on_day = on_day
        self._versions: dict[tuple[str, int], int] = {}

    async def follow(self, code: str) -> None:
        """Start the budget cycle of a municipality."""
        await self._client.start_workflow(
            MunicipalBudgetCycleWorkflow.run,
            BudgetCycle(code),
            id=f"budget-cycle/{code}",
            task_queue=_QUEUE,
        )

    async def wait_until(self, instant: datetime) -> None:
        """Let time pass until ``instant``, and everything be done that falls due."""
        while (now := await self._clock.now()) < instant:
            await self._clock.sleep_until(min(instant, now + STEP))
            self._on_day(japan_day(await self._clock.now()))

    async def carry_out(self, event: ScenarioEvent) -> CarriedOut:
        """Wait for the day of an event and carry it out."""
        await self.wait_until(datetime.combine(event.on, HAPPENS_AT))
        self._simulated.now = await self._clock.now()
        try:
            with rpc_errors():
                match event.action:
                    case CorrectMilestone(code, correction):
                        await self._correct(code, correction)
                    case ObserveSession(session):
                        await self._learn(
                            session.code, lambda inputs: _with_session(inputs, session)
                        )
                    case TermBecomesKnown(code, ends):
                        await self._learn(code, lambda inputs: replace(inputs, head_term_ends=ends))
                    case OpenPursuit() as opening:
                        await self._open(opening)
                    case SendMessage(pursuit_id=pursuit_id, message=message):
                        await self._pursuit(pursuit_id).execute_update(
                            UPDATES[type(message)], message
                        )
        except WorkflowUpdateFailedError as error:
            if not isinstance(error.cause, ApplicationError):
                raise
            return CarriedOut(event, english(error.cause))
        except NotFoundError:
            return CarriedOut(event, "it has ended, or was never opened")
        return CarriedOut(event)

    async def _correct(self, code: str, correction: Correct) -> None:
        """Correct a date as an operator does: by an update of the municipality's workflow."""

        async def update() -> None:
            await self._cycle(code).execute_update("correct", correction)

        year = correction.fiscal_year
        await self._revising(code, RevisionCause.CORRECTION, update, also=year)

    async def _learn(self, code: str, learn: Callable[[CalendarInputs], CalendarInputs]) -> None:
        """Change the inputs and notify the workflow, as an import does."""

        async def change() -> None:
            there = self._simulated.municipalities[code]
            there.inputs = learn(there.inputs)
            await self._cycle(code).signal(MunicipalBudgetCycleWorkflow.look_again)

        await self._revising(code, RevisionCause.OBSERVATION, change)

    async def _revising(
        self,
        code: str,
        cause: RevisionCause,
        revise: Callable[[], Awaitable[None]],
        *,
        also: int | None = None,
    ) -> None:
        """Revise and publish the milestones that moved, as the service does."""
        now = await self._clock.now()
        this_year = fiscal_year_of(japan_day(now))
        years = sorted({this_year, this_year + 1, also or this_year})
        before = self._calendars(code, years)
        await revise()
        for year, old, new in zip(years, before, self._calendars(code, years), strict=True):
            if what_moved := moved(old, new):
                number = self._versions.get((code, year), 1) + 1
                self._versions[code, year] = number
                version = CalendarVersion(code, year, number, cause.value, "", "scenario", now)
                self._simulated.publish_once([calendar_revised(version, cause, what_moved)])
        # A list: a contract's successor may be recorded at the same time.
        for pursuit_id, recorded in list(self._pursuits.recorded.items()):
            state = recorded.state
            if state.municipality_code == code and state.status is not Status.ENDED:
                await self._pursuit(pursuit_id).signal(PursuitWorkflow.calendar_changed)

    async def _open(self, opening: OpenPursuit) -> None:
        """Start a pursuit and wait until it is recorded."""
        handle = await self._client.start_workflow(
            PursuitWorkflow.run,
            Pursuit(opening, opened_by=opening.owner),
            id=f"pursuit/{opening.pursuit_id}",
            task_queue=_QUEUE,
        )
        await handle.execute_update("open", opening)

    def _cycle(self, code: str) -> WorkflowHandle[MunicipalBudgetCycleWorkflow, None]:
        return self._client.get_workflow_handle_for(
            MunicipalBudgetCycleWorkflow.run, f"budget-cycle/{code}"
        )

    def _pursuit(self, pursuit_id: str) -> WorkflowHandle[PursuitWorkflow, str]:
        return self._client.get_workflow_handle_for(PursuitWorkflow.run, f"pursuit/{pursuit_id}")

    def _calendars(self, code: str, years: Iterable[int]) -> list[BudgetCalendar]:
        return [self._simulated.calendar(code, year) for year in years]


def _with_session(inputs: CalendarInputs, session: ObservedSession) -> CalendarInputs:
    """Return the inputs with a session, which replaces the same one as known before."""
    others = (
        each
        for each in inputs.observed
        if (each.kind, each.year, each.number) != (session.kind, session.year, session.number)
    )
    return replace(inputs, observed=(*others, session))
