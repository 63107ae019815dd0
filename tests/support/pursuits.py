"""A pursuit lived through in pure form: what a workflow does with the decider, without Temporal."""

from collections.abc import Callable, Sequence
from datetime import date

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit import (
    Decision,
    PursuitState,
    decide,
    due,
    next_wakeup,
    open_pursuit,
)
from budget_calendar.domain.pursuit.commands import ChooseRoute, Command, Confirm, RoutesPlanned
from budget_calendar.domain.pursuit.effects import Effect, Fact, NotifyOwner, Replan
from budget_calendar.domain.routes.planner import plan_routes
from budget_calendar.domain.routes.route import Route
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.stages import Outcome, Stage
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_calendars import KIRYU, a_calendar

OWNER = "fs-east"

_AT_ONCE = 50
"""Commands of the clock on one day: more means that one of them never goes away."""


class Life:
    """One pursuit, its days passing as they are asked to."""

    def __init__(
        self,
        goal: PursuitGoal,
        today: date,
        *,
        calendar_of: Callable[[int], BudgetCalendar] = a_calendar,
        subsidies: Sequence[Subsidy] = (),
    ) -> None:
        self.today = today
        self.calendar_of = calendar_of
        self.subsidies = subsidies
        self.effects: list[tuple[date, Effect]] = []
        self.state: PursuitState
        self._follow(
            open_pursuit(
                "p-1",
                KIRYU.code,
                OWNER,
                goal,
                self.routes(goal),
                today,
                business_days=BUSINESS_DAYS,
            )
        )

    def routes(self, goal: PursuitGoal) -> tuple[Route, ...]:
        """Return today's routes, by the calendars from last year to the year after next."""
        this_year = fiscal_year_of(self.today)
        known = {year: self.calendar_of(year) for year in range(this_year - 1, this_year + 3)}
        return plan_routes(
            goal, KIRYU, known, self.subsidies, self.today, business_days=BUSINESS_DAYS
        )

    def do(self, command: Command) -> tuple[Effect, ...]:
        """Carry out a command today, and return its effects."""
        before = len(self.effects)
        self._follow(decide(self.state, command, self.today, BUSINESS_DAYS))
        return tuple(effect for _, effect in self.effects[before:])

    def confirm(
        self, stage: Stage, outcome: Outcome = Outcome.DONE, on: date | None = None
    ) -> tuple[Effect, ...]:
        """Let days pass until ``on``, and confirm on that day what happened."""
        if on:
            self.until(on)
        return self.do(Confirm(stage, outcome, on or self.today, OWNER))

    def choose(self, route_id: str) -> None:
        """Take another route."""
        self.do(ChooseRoute(route_id, OWNER))

    def until(self, day: date) -> None:
        """Let the clock run up to and including that day."""
        while (wakeup := next_wakeup(self.state, self.today, BUSINESS_DAYS)) and wakeup <= day:
            self.today = wakeup
            for _ in range(_AT_ONCE):
                commands = due(self.state, self.today, BUSINESS_DAYS)
                if not commands:
                    break
                self.do(commands[0])
            else:
                raise AssertionError(f"the clock never rests on {wakeup}: {commands}")
        self.today = max(self.today, day)

    @property
    def facts(self) -> list[Effect]:
        """The published facts, in order."""
        return [effect for _, effect in self.effects if isinstance(effect, Fact)]

    def told(self, since: date = date.min) -> list[NotifyOwner]:
        """Return the notices to the owner since a day."""
        return [e for day, e in self.effects if isinstance(e, NotifyOwner) and day >= since]

    def _follow(self, decision: Decision) -> None:
        self.state = decision.state
        for effect in decision.effects:
            self.effects.append((self.today, effect))
        if any(isinstance(effect, Replan) for effect in decision.effects):
            self.do(RoutesPlanned(self.routes(self.state.goal)))
