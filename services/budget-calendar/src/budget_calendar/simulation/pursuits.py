"""Pursuits of a simulation: planned by simulated calendars, recorded in memory."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from budget_calendar.domain.routes.planner import plan_routes
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.pursuits.messages import AuditRecord, Planned, PlanRoutes, RecordPursuit
from budget_calendar.pursuits.planning import holidays_between, years_planned
from budget_calendar.simulation.calendars import SimulatedCalendars
from kakehashi_common.clock import japan_day


class SimulatedPursuits:
    """The activities of pursuits, without a database."""

    def __init__(self, calendars: SimulatedCalendars, subsidies: Sequence[Subsidy] = ()) -> None:
        self._simulated = calendars
        self._subsidies = tuple(subsidies)
        self.recorded: dict[str, RecordPursuit] = {}
        """The last record of each pursuit, by its id."""
        self._acts: dict[str, list[AuditRecord]] = defaultdict(list)
        self.plans = 0
        """The number of times that routes were planned."""

    def activities(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers in the place of ``PursuitActivities``."""
        return (self.plan_routes, self.record_pursuit)

    @activity.defn
    async def plan_routes(self, request: PlanRoutes) -> Planned:
        """Return every route by the simulated calendars."""
        self._simulated.now = request.now
        self.plans += 1
        today = japan_day(request.now)
        years = years_planned(request.goal, today)
        return Planned(
            routes=plan_routes(
                request.goal,
                self._simulated.municipalities[request.code].inputs.municipality,
                {year: self._simulated.calendar(request.code, year) for year in years},
                self._subsidies,
                today,
                business_days=self._simulated.business_days,
            ),
            holidays=holidays_between(self._simulated.business_days, today),
            calendars=0,
        )

    @activity.defn
    async def record_pursuit(self, request: RecordPursuit) -> bool:
        """Keep a state that is newer than the kept one, and publish its events."""
        stored = self.recorded.get(request.state.pursuit_id)
        if stored is not None and stored.state.version >= request.state.version:
            return False
        self.recorded[request.state.pursuit_id] = request
        self._acts[request.state.pursuit_id] += request.acts
        self._simulated.publish_once(request.events)
        return True

    def acts(self, pursuit_id: str) -> Sequence[AuditRecord]:
        """Return who did what to a pursuit, in order."""
        return self._acts[pursuit_id]
