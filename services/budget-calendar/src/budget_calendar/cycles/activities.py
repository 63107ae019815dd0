"""The activities of budget cycles. Each can be repeated at any point."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from budget_calendar.calendars import corrections
from budget_calendar.calendars.service import Calendars
from budget_calendar.cycles import repository
from budget_calendar.cycles.messages import Announce, CorrectCalendar
from budget_calendar.cycles.plan import CyclePlan, PlanCycle, plan_cycle
from budget_calendar.events.publisher import publish_once
from budget_calendar.follows import repository as follows
from budget_calendar.registry import repository as municipalities
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.http.idempotency import IdempotentRequest


class BudgetCycleActivities:
    """The activities of budget cycles."""

    def __init__(
        self,
        database: Database,
        calendars: Calendars,
        clock: Clock,
        *,
        business_days: BusinessDays,
        lead_business_days: Sequence[int],
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._clock = clock
        self._business_days = business_days
        self._lead_business_days = tuple(lead_business_days)
        self._topic_prefix = topic_prefix

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (self.plan_cycle, self.announce, self.correct_calendar)

    @activity.defn(name="look_ahead")
    async def plan_cycle(self, request: PlanCycle) -> CyclePlan | None:
        """Return what is due and when to look again, or ``None`` if it is not followed any more.

        Calendars that are missing are opened.
        """
        async with self._database.transaction() as connection:
            if not await follows.is_followed(connection, request.code):
                return None
            registered = await municipalities.find(connection, request.code)
            opened = await self._calendars.open_years(
                connection, request.code, request.fiscal_years
            )
            pursued_by = await repository.owners_of_pursuits(connection, request.code)
            corrected = await corrections.list_corrections(
                connection, request.code, request.fiscal_years
            )
        return plan_cycle(
            request,
            [each.calendar for each in opened],
            name=request.code if registered is None else registered.municipality.name,
            business_days=self._business_days,
            lead_business_days=self._lead_business_days,
            corrections=[each.correction for each in corrected if each.withdrawn_at is None],
            pursued_by=pursued_by,
        )

    @activity.defn
    async def announce(self, request: Announce) -> int:
        """Publish the events that have not been published yet and return how many they were."""
        async with self._database.transaction() as connection:
            return await publish_once(
                connection, request.code, request.due, topic_prefix=self._topic_prefix
            )

    @activity.defn
    async def correct_calendar(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force and return the keys of the milestones that moved.

        Raises:
            DomainError: see ``domain.budget_year.corrections.checked``.
            NotFoundError: no such municipality.
        """
        origin = f"budget-cycle/{request.code}"
        revised = await self._calendars.correct(
            request.correction(self._clock.now()),
            Actor(who=request.entered.by, origin=origin),
            IdempotentRequest(origin, "correct_calendar", request.request_id, b""),
        )
        return [each.key for each in revised.moved]
