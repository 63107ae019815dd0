"""What a budget cycle asks of the world: what lies ahead, publish what is due, correct a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from budget_calendar.authors import Actor
from budget_calendar.calendars import corrections
from budget_calendar.calendars.service import Calendars
from budget_calendar.cycles.plan import CyclePlan, PlanCycle, plan_cycle
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.windows import Window
from budget_calendar.events.mapping import EventToPublish
from budget_calendar.events.publisher import publish_once
from budget_calendar.follows import repository as follows
from budget_calendar.registry import repository as municipalities
from kakehashi_common.clock import Clock
from kakehashi_common.contracts.budget_phases import FiscalYear
from kakehashi_common.db import Database
from kakehashi_common.http.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class Announce:
    """Events to publish."""

    code: str
    due: tuple[EventToPublish, ...]


@dataclass(frozen=True, slots=True)
class Correct:
    """A correction as an operator enters it in the Temporal UI."""

    fiscal_year: FiscalYear
    milestone: Annotated[str, Field(min_length=1, max_length=64)]
    """Its key, such as ``request_deadline`` or ``session_vote:3``, or a phase."""
    earliest: date
    likely: date
    latest: date
    source: Annotated[str, Field(max_length=500)]
    """Where the date is from."""
    reason: Annotated[str, Field(max_length=500)]
    by: Annotated[str, Field(min_length=1, max_length=255)]
    """Who enters it: a staff number, never a name."""


@dataclass(frozen=True, slots=True)
class CorrectCalendar:
    """A correction of one municipality's calendar."""

    code: str
    entered: Correct
    request_id: str
    """Of two requests with the same id the second one changes nothing."""

    def correction(self, at: datetime) -> Correction:
        """As the domain knows it.

        Raises:
            DomainError: the days are not in order.
        """
        entered = self.entered
        return Correction(
            code=self.code,
            fiscal_year=entered.fiscal_year,
            key=entered.milestone,
            window=Window(entered.earliest, entered.likely, entered.latest),
            source=entered.source,
            reason=entered.reason,
            by=entered.by,
            at=at,
        )


class Cycles:
    """Budget cycles over the database."""

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

    async def look_ahead(self, request: PlanCycle) -> CyclePlan | None:
        """What is due, and when to look again; ``None``: it is followed no longer.

        Opens the calendars that are not there yet.
        """
        async with self._database.transaction() as connection:
            if not await follows.is_followed(connection, request.code):
                return None
            registered = await municipalities.find(connection, request.code)
            opened = await self._calendars.open_years(
                connection, request.code, request.fiscal_years
            )
            corrected = await corrections.of(connection, request.code, request.fiscal_years)
        return plan_cycle(
            request,
            [each.calendar for each in opened],
            name=request.code if registered is None else registered.municipality.name,
            business_days=self._business_days,
            lead_business_days=self._lead_business_days,
            corrections=[each.correction for each in corrected if each.withdrawn_at is None],
        )

    async def announce(self, request: Announce) -> int:
        """Publish what has not been published yet; return how many events that were."""
        async with self._database.transaction() as connection:
            return await publish_once(
                connection, request.code, request.due, topic_prefix=self._topic_prefix
            )

    async def correct(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force; return the keys of what moved.

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
