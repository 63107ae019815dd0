"""Read the calendars of one municipality."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from budget_calendar.calendars import corrections, sessions
from budget_calendar.calendars import repository as calendars
from budget_calendar.calendars.corrections import StoredCorrection
from budget_calendar.calendars.inputs import get_municipality
from budget_calendar.calendars.repository import CalendarVersion
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.revision import Moved, moved
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.municipality import Municipality
from budget_calendar.registry.repository import Registered
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ViewedCalendar:
    """A calendar with whose it is, and which version."""

    municipality: Municipality
    calendar: BudgetCalendar
    version: CalendarVersion | None
    """``None``: computed for this answer; nobody follows or has corrected it yet."""


class CalendarQueries:
    """Reads of single municipalities; each is one transaction."""

    def __init__(self, database: Database, clock: Clock, calendars: Calendars) -> None:
        self._database = database
        self._clock = clock
        self._calendars = calendars

    @property
    def today(self) -> date:
        """The day in Japan."""
        return japan_day(self._clock.now())

    async def get_municipality(self, code: str) -> Registered:
        """One municipality with what people entered about it.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            return await get_municipality(connection, code)

    async def get_calendar(self, code: str, fiscal_year: int) -> ViewedCalendar:
        """The newest calendar; computed where none is stored, which stores nothing.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            found = await get_municipality(connection, code)
            stored = await calendars.get_newest(connection, code, fiscal_year)
            if stored is not None:
                return ViewedCalendar(found.municipality, stored.calendar, stored.version)
            computed = await self._calendars.compute_calendars(connection, code, (fiscal_year,))
        return ViewedCalendar(found.municipality, computed[fiscal_year], None)

    async def get_version(
        self, code: str, fiscal_year: int, number: int
    ) -> tuple[ViewedCalendar, tuple[Moved, ...]]:
        """One version, and what it moved against the one before it.

        Raises:
            NotFoundError: no such municipality or version.
        """
        async with self._database.transaction() as connection:
            found = await get_municipality(connection, code)
            stored = await calendars.get_version(connection, code, fiscal_year, number)
            before = await calendars.get_version(connection, code, fiscal_year, number - 1)
        if stored is None:
            raise NotFoundError(
                f"the calendar of {code} for fiscal year {fiscal_year} has no version {number}",
                field="number",
            )
        viewed = ViewedCalendar(found.municipality, stored.calendar, stored.version)
        return viewed, () if before is None else moved(before.calendar, stored.calendar)

    async def list_versions(
        self, code: str, fiscal_year: int, before: int | None, limit: int
    ) -> list[CalendarVersion]:
        """Versions, newest first; none while nobody has followed or corrected it.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            await get_municipality(connection, code)
            return await calendars.list_versions(
                connection, code, fiscal_year, before=before, limit=limit
            )

    async def list_corrections(self, code: str, fiscal_year: int) -> list[StoredCorrection]:
        """Every correction of the year, newest first, those that count no longer included.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            await get_municipality(connection, code)
            return (await corrections.list_corrections(connection, code, [fiscal_year]))[::-1]

    async def list_sessions(self, code: str) -> tuple[ObservedSession, ...]:
        """Council sessions as observed, oldest first.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            await get_municipality(connection, code)
            return await sessions.list_sessions(connection, code)

    async def what_if(
        self, code: str, fiscal_year: int, assumptions: Iterable[Correction]
    ) -> tuple[ViewedCalendar, tuple[Moved, ...]]:
        """The calendar as it would be if these dates held, and what would move.

        Raises:
            NotFoundError: no such municipality.
            DomainError: a date could not be entered as a correction.
        """
        present = await self.get_calendar(code, fiscal_year)
        async with self._database.transaction() as connection:
            years = await self._calendars.compute_calendars(
                connection, code, (fiscal_year,), assumptions
            )
        viewed = ViewedCalendar(present.municipality, years[fiscal_year], None)
        return viewed, moved(present.calendar, years[fiscal_year])
