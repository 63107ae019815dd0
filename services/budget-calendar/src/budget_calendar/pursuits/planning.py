"""What pursuits ask of the world: plan routes, store and publish."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.authors import Actor
from budget_calendar.calendars.inputs import registered
from budget_calendar.calendars.service import Calendars
from budget_calendar.contract_rules import repository as local_rules
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.goals import YEARS_AHEAD, PursuitGoal
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.routes.planner import plan_routes
from budget_calendar.domain.routes.route import Route
from budget_calendar.events.publisher import publish_once
from budget_calendar.notifications import planning_revision
from budget_calendar.pursuits import repository as pursuits
from budget_calendar.pursuits.messages import Planned, PlanRoutes, RecordPursuit
from budget_calendar.subsidies import repository as subsidies
from kakehashi_common.clock import japan_day
from kakehashi_common.db import Database

_HOLIDAY_YEARS: Final = 3


class Pursuits:
    """Pursuits over the database.

    Args:
        database: where everything is stored.
        calendars: reads calendars, and opens those of this year and the next.
        business_days: on which days offices are open.
        topic_prefix: before every topic's name.
    """

    def __init__(
        self,
        database: Database,
        calendars: Calendars,
        *,
        business_days: BusinessDays,
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._business_days = business_days
        self._topic_prefix = topic_prefix

    async def plan(self, request: PlanRoutes) -> Planned:
        """Every route by the calendars as they are now.

        Raises:
            NotFoundError: no such municipality.
        """
        today = japan_day(request.now)
        near = (fiscal_year_of(today), fiscal_year_of(today) + 1)
        async with self._database.transaction() as connection:
            # so that a revision of them is noticed
            await self._calendars.open_years(connection, request.code, near)
            revision = await planning_revision.revision(connection, request.code)
            years = years_planned(request.goal, today)
            known = await self._calendars.years(connection, request.code, years)
            municipality = (await registered(connection, request.code)).municipality
            routes = await routes_of(
                connection, municipality, request.goal, known, today, self._business_days
            )
        return Planned(routes, holidays_between(self._business_days, today), revision)

    async def record(self, request: RecordPursuit) -> bool:
        """Store a state that is newer than the stored one, audit it and publish what follows.

        One transaction; a repeated or late call changes nothing and returns ``False``.
        """
        state = request.state
        async with self._database.transaction() as connection:
            newer = await pursuits.store(
                connection, state, calendars=request.calendars, at=request.at
            )
            if not newer:
                return False
            for act in request.acts:
                await Actor(act.who, act.origin).record(
                    connection,
                    act.what,
                    f"pursuit/{state.pursuit_id}",
                    before=act.before,
                    after=act.after,
                )
            await publish_once(
                connection,
                state.municipality_code,
                request.events,
                topic_prefix=self._topic_prefix,
            )
        return True


async def routes_of(
    connection: AsyncConnection,
    municipality: Municipality,
    goal: PursuitGoal,
    known: Mapping[int, BudgetCalendar],
    today: date,
    business_days: BusinessDays,
) -> tuple[Route, ...]:
    """Every route by these calendars, the municipality's own rules and the subsidies on record."""
    programmes = await subsidies.unfinished_on(connection, today)
    own = await local_rules.of(connection, municipality.code)
    return plan_routes(
        goal, municipality, known, programmes, today, own.rules, business_days=business_days
    )


def years_planned(goal: PursuitGoal, today: date) -> range:
    """The fiscal years whose calendars a plan looks at: this one to that of the wanted start.

    What was to start by now may be in this year's budget, which the calendar of last year dates.
    """
    this_year = fiscal_year_of(today)
    first = this_year - 1 if goal.first_fiscal_year <= this_year else this_year
    last = max(this_year + 1, min(goal.first_fiscal_year, this_year + YEARS_AHEAD))
    return range(first, last + 1)


def holidays_between(business_days: BusinessDays, today: date) -> tuple[date, ...]:
    """The public holidays of this calendar year and the next two."""
    first = date(today.year, 1, 1)
    number = (date(today.year + _HOLIDAY_YEARS, 1, 1) - first).days
    days = (first + timedelta(days=n) for n in range(number))
    return tuple(day for day in days if business_days.is_holiday(day))
