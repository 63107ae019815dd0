"""The world of a simulation: calendars in memory, and everything that was announced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.plan import CyclePlan, PlanCycle, plan_cycle
from budget_calendar.cycles.service import Announce, CorrectCalendar
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import checked
from budget_calendar.domain.budget_year.revision import moved
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.events.mapping import Announcement, announcement
from kakehashi_common.clock import japan_day


@dataclass(slots=True)
class Followed:
    """One municipality of the world."""

    source: CalendarInputs
    followed: bool = True


class World:
    """What budget cycles ask and tell, without a database.

    Announcements are kept by id, as the real outbox takes each once.
    """

    def __init__(
        self,
        sources: Iterable[CalendarInputs],
        computing: CalendarCalculator,
        lead_business_days: Sequence[int],
    ) -> None:
        self.municipalities = {each.municipality.code: Followed(each) for each in sources}
        self._computing = computing
        self._lead_business_days = tuple(lead_business_days)
        self._announced: dict[str, Announcement] = {}
        self.now: datetime | None = None
        """The instant at which a cycle last looked ahead."""

    @property
    def announced(self) -> Mapping[str, Announcement]:
        """What was published, in order, by event id."""
        return self._announced

    @property
    def business_days(self) -> BusinessDays:
        """The days on which its offices are open."""
        return self._computing.business_days

    def calendar(self, code: str, fiscal_year: int) -> BudgetCalendar:
        """A municipality's calendar, by what is known at this point of the simulation."""
        return self._computing.calendar(self.municipalities[code].source, fiscal_year)

    def keep(self, announcements: Iterable[Announcement]) -> None:
        """Keep what was not announced yet."""
        for each in announcements:
            self._announced.setdefault(each.event_id.hex, each)

    async def look_ahead(self, request: PlanCycle) -> CyclePlan | None:
        """What is due, and when to look again; ``None``: it is followed no longer."""
        self.now = request.now
        there = self.municipalities[request.code]
        if not there.followed:
            return None
        return plan_cycle(
            request,
            [self._computing.calendar(there.source, year) for year in request.fiscal_years],
            name=there.source.municipality.name,
            business_days=self._computing.business_days,
            lead_business_days=self._lead_business_days,
        )

    async def announce(self, request: Announce) -> int:
        """Keep what was not announced yet; return how many events that were."""
        before = len(self._announced)
        self.keep(announcement(request.code, each) for each in request.due)
        return len(self._announced) - before

    async def correct(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force; return the keys of what moved.

        Raises:
            DomainError: see ``domain.budget_year.corrections.checked``.
        """
        there = self.municipalities[request.code]
        now = self.now
        if now is None:
            raise ValueError("nobody has looked at the world yet")
        correction = request.correction(now)
        before = self._computing.calendar(there.source, correction.fiscal_year)
        accepted = checked(
            correction,
            calendar=before,
            standing=there.source.corrections,
            today=japan_day(now),
        )
        there.source = replace(there.source, corrections=(*there.source.corrections, accepted))
        after = self._computing.calendar(there.source, correction.fiscal_year)
        return [each.key for each in moved(before, after)]
