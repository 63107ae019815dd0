"""Calendars of a simulation in memory, and the events published."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from temporalio import activity

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.messages import Announce, CorrectCalendar
from budget_calendar.cycles.plan import CyclePlan, PlanCycle, plan_cycle
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import checked
from budget_calendar.domain.budget_year.revision import moved
from budget_calendar.events.mapping import EventToPublish
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.domain.business_days import BusinessDays


@dataclass(slots=True)
class Followed:
    """A municipality of the simulation."""

    inputs: CalendarInputs
    followed: bool = True


class SimulatedCalendars:
    """The activities of budget cycles, without a database.

    Events are kept by id, as the outbox takes each once.
    """

    def __init__(
        self,
        inputs: Iterable[CalendarInputs],
        calculator: CalendarCalculator,
        lead_business_days: Sequence[int],
    ) -> None:
        self.municipalities = {each.municipality.code: Followed(each) for each in inputs}
        self._calculator = calculator
        self._lead_business_days = tuple(lead_business_days)
        self._published: dict[str, Event[EventData]] = {}
        self.now: datetime | None = None
        """The instant at which a cycle was last planned."""

    @property
    def published(self) -> Mapping[str, Event[EventData]]:
        """The published events, in order, by id."""
        return self._published

    @property
    def business_days(self) -> BusinessDays:
        """The days on which its offices are open."""
        return self._calculator.business_days

    def calendar(self, code: str, fiscal_year: int) -> BudgetCalendar:
        """Return a municipality's calendar by its inputs at this point of the simulation."""
        return self._calculator.calendar(self.municipalities[code].inputs, fiscal_year)

    def publish_once(self, events: Iterable[EventToPublish]) -> int:
        """Keep the events that have not been published yet and return how many they were."""
        before = len(self._published)
        for each in events:
            self._published.setdefault(each.event_id, each.event())
        return len(self._published) - before

    def activities(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers in the place of ``BudgetCycleActivities``."""
        return (self.plan_cycle, self.announce, self.correct_calendar)

    @activity.defn(name="look_ahead")
    async def plan_cycle(self, request: PlanCycle) -> CyclePlan | None:
        """Return what is due and when to look again, or ``None`` if it is not followed any more."""
        self.now = request.now
        there = self.municipalities[request.code]
        if not there.followed:
            return None
        return plan_cycle(
            request,
            [self._calculator.calendar(there.inputs, year) for year in request.fiscal_years],
            name=there.inputs.municipality.name,
            business_days=self._calculator.business_days,
            lead_business_days=self._lead_business_days,
        )

    @activity.defn
    async def announce(self, request: Announce) -> int:
        """Publish the events that have not been published yet and return how many they were."""
        return self.publish_once(request.due)

    @activity.defn
    async def correct_calendar(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force and return the keys of the milestones that moved.

        Raises:
            DomainError: see ``domain.budget_year.corrections.checked``.
        """
        there = self.municipalities[request.code]
        now = self.now
        if now is None:
            raise ValueError("no cycle has been planned yet")
        correction = request.correction(now)
        before = self._calculator.calendar(there.inputs, correction.fiscal_year)
        accepted = checked(
            correction,
            calendar=before,
            standing=there.inputs.corrections,
            today=japan_day(now),
        )
        there.inputs = replace(there.inputs, corrections=(*there.inputs.corrections, accepted))
        after = self._calculator.calendar(there.inputs, correction.fiscal_year)
        return [each.key for each in moved(before, after)]
