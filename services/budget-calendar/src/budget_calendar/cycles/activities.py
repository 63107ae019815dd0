"""What workflows do outside of themselves. Each activity can be repeated at any point."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from temporalio import activity

from budget_calendar.cycles.plan import CyclePlan, PlanCycle
from budget_calendar.cycles.service import Announce, CorrectCalendar


class CycleOperations(Protocol):
    """What budget cycles need done: over the database, or in a simulation."""

    async def look_ahead(self, request: PlanCycle) -> CyclePlan | None:
        """What is due, and when to look again; ``None``: it is followed no longer."""

    async def announce(self, request: Announce) -> int:
        """Publish what has not been published yet."""

    async def correct(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force; return the keys of what moved."""


class BudgetCycleActivities:
    """The activities of budget cycles."""

    def __init__(self, cycles: CycleOperations) -> None:
        self._cycles = cycles

    def all(self) -> Sequence[Callable[..., Any]]:
        """What a worker registers."""
        return (self.look_ahead, self.announce, self.correct_calendar)

    @activity.defn
    async def look_ahead(self, request: PlanCycle) -> CyclePlan | None:
        """What is due, and when to look again; ``None``: it is followed no longer."""
        return await self._cycles.look_ahead(request)

    @activity.defn
    async def announce(self, request: Announce) -> int:
        """Publish what has not been published yet; return how many events that were."""
        return await self._cycles.announce(request)

    @activity.defn
    async def correct_calendar(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force; return the keys of what moved."""
        return await self._cycles.correct(request)
