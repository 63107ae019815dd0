"""Budget calendars written by hand: a city's year as published calendars usually run."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from budget_calendar.domain.budget_year.calendar import (
    BudgetCalendar,
    Milestone,
    MilestoneKind,
    PhaseSpan,
    SkeletonBudget,
)
from budget_calendar.domain.municipality import Municipality, MunicipalityType
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase

KIRYU = Municipality("102032", "桐生市", "きりゅうし", "群馬県", MunicipalityType.CITY, 102_000)

_Day = tuple[int, int]
_DAYS: Mapping[str, tuple[_Day, int]] = {
    "summer_review_begins": ((7, 1), 14),
    "quotes_wanted": ((8, 31), 14),
    "requests_begin": ((9, 15), 10),
    "request_deadline": ((10, 30), 10),
    "head_assessment_begins": ((1, 12), 5),
    "unofficial_notice": ((1, 25), 5),
    "restoration_deadline": ((1, 29), 3),
    "budget_submitted": ((2, 20), 3),
    "budget_vote": ((3, 20), 4),
    "supplementary_request_deadline:2": ((4, 10), 7),
    "session_notice:2": ((6, 1), 3),
    "session_opens:2": ((6, 8), 3),
    "session_vote:2": ((6, 25), 4),
    "supplementary_request_deadline:3": ((7, 10), 7),
    "session_notice:3": ((8, 25), 3),
    "session_opens:3": ((9, 1), 3),
    "session_vote:3": ((9, 28), 4),
    "supplementary_request_deadline:4": ((10, 5), 7),
    "session_notice:4": ((11, 20), 3),
    "session_opens:4": ((11, 27), 3),
    "session_vote:4": ((12, 18), 4),
    "supplementary_request_deadline:1": ((12, 20), 7),
    "session_notice:1": ((2, 12), 3),
    "session_opens:1": ((2, 20), 3),
    "session_vote:1": ((3, 20), 4),
}
"""Month and day, and how many days it may be earlier or later."""


def estimate(
    day: date, spread: int = 0, basis: Basis = Basis.PRACTICE, source: str = "common practice"
) -> Estimate:
    """A date with as many days of doubt on either side."""
    by = timedelta(days=spread)
    return Estimate(Window(day - by, day, day + by), basis, source, 0.8)


def a_calendar(
    fiscal_year: int,
    *,
    code: str = KIRYU.code,
    skeleton: float | None = None,
    without: Iterable[str] = (),
    moved: Mapping[str, date] | None = None,
    post_election: date | None = None,
) -> BudgetCalendar:
    """A city's calendar of that year.

    Args:
        fiscal_year: which year.
        code: whose.
        skeleton: the probability that the next year's initial budget is a skeleton.
        without: keys of milestones that it lacks.
        moved: days that differ from the usual ones, known for certain.
        post_election: when policy items return after an election in this year.
    """
    days = {
        key: estimate(date(fiscal_year + (month < 4), month, day), spread)
        for key, ((month, day), spread) in _DAYS.items()
        if key not in set(without)
    }
    for key, day in (moved or {}).items():
        days[key] = estimate(day, basis=Basis.MANUAL, source="the finance section, by telephone")
    if post_election:
        days["post_election_supplementary"] = estimate(post_election, 5)
    milestones = sorted((_milestone(k, e) for k, e in days.items()), key=lambda m: m.likely)
    april = date(fiscal_year, 4, 1)
    whole = Window(
        date(fiscal_year + 1, 3, 31), date(fiscal_year + 1, 3, 31), date(fiscal_year + 1, 3, 31)
    )
    return BudgetCalendar(
        code,
        fiscal_year,
        "published",
        (PhaseSpan(BudgetPhase.INFORMATION_GATHERING, estimate(april), whole),),
        tuple(milestones),
        None
        if skeleton is None
        else SkeletonBudget(skeleton, "end of term", Window.on(date(fiscal_year + 1, 4, 25))),
    )


def calendars(*years: int) -> dict[int, BudgetCalendar]:
    """Plain calendars of those years."""
    return {year: a_calendar(year) for year in years}


def _milestone(key: str, known: Estimate) -> Milestone:
    kind, _, number = key.partition(":")
    return Milestone(MilestoneKind(kind), known, int(number) if number else None)


def a_subsidy(**changed: Any) -> Subsidy:
    """A call of the winter before fiscal 2027, for work within that year."""
    values: dict[str, Any] = {
        "id": "digital-2027",
        "name": "デジタル実装交付金",
        "ministry": "内閣府",
        "rate": Fraction(1, 2),
        "cap": None,
        "eligible_types": frozenset(),
        "policy_areas": frozenset(),
        "call_opens": date(2026, 12, 5),
        "call_closes": date(2027, 2, 10),
        "consultation": Window(date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 5)),
        "decision": Window(date(2027, 3, 20), date(2027, 4, 1), date(2027, 4, 20)),
        "completed_by": date(2028, 3, 31),
        "source": "https://www.chisou.go.jp/",
    }
    return Subsidy(**{**values, **changed})
