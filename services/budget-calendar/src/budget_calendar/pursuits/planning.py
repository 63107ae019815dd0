"""Plan the routes of a pursuit by what is stored."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.contract_rules import repository as local_rules
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.goals import YEARS_AHEAD, PursuitGoal
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.routes.planner import plan_routes
from budget_calendar.domain.routes.route import Route
from budget_calendar.subsidies import repository as subsidies
from kakehashi_common.domain.business_days import BusinessDays

_HOLIDAY_YEARS: Final = 3


async def routes_of(
    connection: AsyncConnection,
    municipality: Municipality,
    goal: PursuitGoal,
    calendars: Mapping[int, BudgetCalendar],
    today: date,
    business_days: BusinessDays,
) -> tuple[Route, ...]:
    """Return every route by these calendars, the municipality's own rules and the subsidies."""
    programmes = await subsidies.list_unfinished(connection, today)
    own = await local_rules.get(connection, municipality.code)
    return plan_routes(
        goal, municipality, calendars, programmes, today, own.rules, business_days=business_days
    )


def years_planned(goal: PursuitGoal, today: date) -> range:
    """Return the fiscal years whose calendars a plan uses: this one to that of the wanted start.

    What was to start by now may be in this year's budget, which the calendar of last year dates.
    """
    this_year = fiscal_year_of(today)
    first = this_year - 1 if goal.first_fiscal_year <= this_year else this_year
    last = max(this_year + 1, min(goal.first_fiscal_year, this_year + YEARS_AHEAD))
    return range(first, last + 1)


def holidays_between(business_days: BusinessDays, today: date) -> tuple[date, ...]:
    """Return the public holidays of this calendar year and the next two."""
    return business_days.holidays(today.year, _HOLIDAY_YEARS)
