"""The activities of pursuits. Each can be repeated at any point."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from temporalio import activity

from budget_calendar.pursuits.messages import Planned, PlanRoutes, RecordPursuit


class PursuitOperations(Protocol):
    """What pursuits need done: over the database, or in a simulation."""

    async def plan(self, request: PlanRoutes) -> Planned:
        """Every route by the calendars as they are now."""

    async def record(self, request: RecordPursuit) -> bool:
        """Store what is newer than the stored one, and publish what follows."""


class PursuitActivities:
    """The activities of pursuits."""

    def __init__(self, pursuits: PursuitOperations) -> None:
        self._pursuits = pursuits

    def all(self) -> Sequence[Callable[..., Any]]:
        """What a worker registers."""
        return (self.plan_routes, self.record_pursuit)

    @activity.defn
    async def plan_routes(self, request: PlanRoutes) -> Planned:
        """Every route to the money, feasible or not, by the calendars as they are now."""
        return await self._pursuits.plan(request)

    @activity.defn
    async def record_pursuit(self, request: RecordPursuit) -> bool:
        """Store a state that is newer than the stored one, audit it and publish what follows."""
        return await self._pursuits.record(request)
