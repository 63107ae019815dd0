"""Every way to the money for a goal, the best first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.routes.initial_budget import initial_route
from budget_calendar.domain.routes.local_rules import LocalRules
from budget_calendar.domain.routes.planning import Planning, in_order, on_business_days
from budget_calendar.domain.routes.route import Reason, Route, RouteKind
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.routes.subsidised import no_subsidy, subsidy_route
from budget_calendar.domain.routes.supplementary import (
    SESSIONS_OF_A_YEAR,
    extraordinary_routes,
    proof_of_concept_route,
    supplementary_route,
    zero_debt_route,
)
from budget_calendar.domain.routes.within_budget import small_route
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError

_FOR_ONE_YEAR: Final = (
    RouteKind.INITIAL_BUDGET,
    RouteKind.REALLOCATION,
    RouteKind.SUPPLEMENTARY_BUDGET,
    RouteKind.SUBSIDY,
    RouteKind.PROOF_OF_CONCEPT,
    RouteKind.ZERO_DEBT,
    RouteKind.RESERVE,
)
_FOR_SEVERAL_YEARS: Final = (
    RouteKind.LONG_TERM_CONTRACT,
    RouteKind.DEBT_BURDEN,
    RouteKind.ZERO_DEBT,
    RouteKind.INITIAL_BUDGET,
    RouteKind.SUBSIDY,
    RouteKind.SUPPLEMENTARY_BUDGET,
    RouteKind.PROOF_OF_CONCEPT,
)
"""Among routes that start about as late: what is usual, plain and sure comes first."""

_VOTED_WITH_THE_BUDGET: Final = (
    RouteKind.INITIAL_BUDGET,
    RouteKind.DEBT_BURDEN,
    RouteKind.LONG_TERM_CONTRACT,
)
_EXCEPTIONAL: Final = (RouteKind.ZERO_DEBT, RouteKind.RESERVE)
"""Routes that a municipality takes for a good reason only, public works aside (common practice).
They are proposed first only if they bring the start forward by more than a quarter."""

_QUARTER: Final = 91
"""Days: within a quarter a sure and plain route outweighs an earlier start."""


def plan_routes(
    goal: PursuitGoal,
    municipality: Municipality,
    calendars: Mapping[int, BudgetCalendar],
    subsidies: Sequence[Subsidy],
    today: date,
    overrides: LocalRules | None = None,
    *,
    business_days: BusinessDays,
) -> tuple[Route, ...]:
    """Every route to the money, feasible or not, with its dates and why; the best first.

    Args:
        goal: what is wanted.
        municipality: whose budget.
        calendars: by fiscal year: this one, the next, perhaps more. A route whose calendar is
            missing is not feasible for that reason. With the last one, the budget of this year is
            named too: too late to be requested, but a pursuit may be on its way through it.
        subsidies: those on record; which fit is found here.
        today: the day in Japan from which it is planned.
        overrides: what this municipality does differently from law and practice.
        business_days: nobody is asked to begin, or to be done, on another day; what a law or a
            contract ends is the exception.

    Raises:
        DomainError: this fiscal year's calendar is missing, or one is of another year or
            municipality.
    """
    this_year = fiscal_year_of(today)
    _check(calendars, municipality, this_year)
    planning = Planning(goal, municipality, calendars, today, overrides or LocalRules())
    next_year = this_year + 1
    years = sorted(
        {this_year, next_year} | {y for y in calendars if this_year < y <= goal.first_fiscal_year}
    )
    routes = [route for kind in _VOTED_WITH_THE_BUDGET for route in _initial_routes(planning, kind)]
    routes += [
        supplementary_route(planning, year, number)
        for year in years
        if year in calendars
        for number in SESSIONS_OF_A_YEAR
    ]
    budgets = [route for route in routes if route.feasible and route.kind in _PLAIN_BUDGETS]
    routes += [route for year in years for route in extraordinary_routes(planning, year)]
    for kind in (RouteKind.REALLOCATION, RouteKind.RESERVE):
        routes += [
            small_route(planning, kind, year)
            for year in sorted({this_year, max(this_year, goal.first_fiscal_year)})
        ]
    routes += _first_feasible([zero_debt_route(planning, y) for y in years if y in calendars])
    routes += _first_feasible(
        [proof_of_concept_route(planning, y) for y in years if y in calendars]
    )
    fitting = [s for s in subsidies if s.fits(municipality, goal.policy_area)]
    routes += [subsidy_route(planning, s, budgets) for s in fitting]
    if not fitting:
        routes.append(no_subsidy(planning))
    routes.sort(key=lambda route: _order(route, goal))
    return tuple(
        replace(
            route,
            rank=rank,
            steps=in_order(
                tuple(on_business_days(step, today, business_days) for step in route.steps)
            ),
        )
        for rank, route in enumerate(routes, start=1)
    )


_PLAIN_BUDGETS: Final = (RouteKind.INITIAL_BUDGET, RouteKind.SUPPLEMENTARY_BUDGET)


def _check(
    calendars: Mapping[int, BudgetCalendar], municipality: Municipality, this_year: int
) -> None:
    if this_year not in calendars:
        raise DomainError(
            f"calendars must hold fiscal year {this_year}, in which today lies",
            field="calendars",
            code="calendar_missing",
        )
    for year, calendar in calendars.items():
        if (calendar.fiscal_year, calendar.code) != (year, municipality.code):
            raise DomainError(
                f"calendars[{year}] must be of {municipality.code} and {year}, not of "
                f"{calendar.code} and {calendar.fiscal_year}",
                field="calendars",
                code="calendar_mismatch",
            )


def _initial_routes(planning: Planning, kind: RouteKind) -> list[Route]:
    """By the next initial budget, and by later ones as long as that one isn't feasible.

    This year's comes before them where it could hold the money.
    """
    year = fiscal_year_of(planning.today)
    last = max(*planning.calendars, planning.goal.first_fiscal_year - 1, year + 1)
    routes: list[Route] = []
    if year - 1 in planning.calendars:
        running = initial_route(planning, kind, year - 1)
        routes += [running] if running.reason is Reason.DEADLINE_PAST else []
    while year <= last:
        route = initial_route(planning, kind, year)
        routes.append(route)
        if route.feasible or route.reason not in (Reason.DEADLINE_PAST, Reason.TOO_EARLY):
            break
        year += 1
    return routes


def _first_feasible(routes: list[Route]) -> list[Route]:
    """All up to the first that is feasible: later ones only postpone it."""
    kept: list[Route] = []
    for route in routes:
        kept.append(route)
        if route.feasible:
            break
    return kept


def _order(route: Route, goal: PursuitGoal) -> tuple[bool, bool, int, int, int, str]:
    usual = _FOR_SEVERAL_YEARS if goal.multi_year else _FOR_ONE_YEAR
    preference = usual.index(route.kind) if route.kind in usual else len(usual)
    late = (route.starts - goal.wanted_start).days if route.starts else 0
    quarters_late = max(0, late) // _QUARTER
    if route.kind in _EXCEPTIONAL and goal.category is not ContractCategory.WORKS:
        quarters_late += 1
    doubt = 0 if route.reason in (Reason.FITS, Reason.SKELETON_BUDGET) else 1
    called_for_others = route.reason is Reason.EXTRAORDINARY_SESSION
    return not route.feasible, called_for_others, quarters_late, doubt, preference, route.id
