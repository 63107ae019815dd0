"""Windows of common practice by kind and size of council, and how often they hold elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median
from typing import Final

from benchmarks.predictions.councils import ObservedCouncil, without
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.session_customs import Customs, customs_of
from budget_calendar.domain.budget_year.templates import MonthDay, Practice
from budget_calendar.domain.council.seasons import in_places
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.windows import Window
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

TAIL: Final = 0.15
"""Share of the days left out at either end of a window."""
PAD: Final = timedelta(days=1)
"""Added at both ends, as a few councils do not show all that there is."""
_PLAIN_YEAR: Final = 2023
"""A year without a leap day, so that days of several years compare."""


@dataclass(frozen=True, slots=True)
class Day:
    """One opening or last vote of one council."""

    code: str
    key: str
    day: date


def days_of(council: ObservedCouncil) -> Iterator[Day]:
    """Its openings and last votes, by their place in the year."""
    by_year: dict[int, list[tuple[int, date, tuple[date | None, ObservedSession | None]]]]
    by_year = defaultdict(list)
    for each in council.sessions:
        by_year[each.year].append((each.number, each.last_vote_on, (each.opens_on, each)))
    for number, opens in council.openings:
        by_year[opens.year].append((number, opens, (opens, None)))
    for sessions in by_year.values():
        placed = in_places(sorted(sessions, key=lambda found: found[1]))
        for place, (opens_on, session) in placed.items():
            if opens_on is not None:
                yield Day(council.code, f"{Kind.SESSION_OPENS}:{place}", opens_on)
            if session is not None:
                yield Day(council.code, f"{Kind.SESSION_VOTE}:{place}", session.last_vote_on)


def derive(councils: Iterable[ObservedCouncil], customs: Customs) -> dict[str, Practice]:
    """The windows of those of the councils that have these customs, by milestone key.

    Each council counts by the square root of its days, so that one with many years weighs more
    than one with a single year but doesn't outweigh several.
    """
    by_key: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for council in councils:
        if customs_of(council.council.kind, council.council.japanese_residents) is customs:
            for each in days_of(council):
                by_key[each.key][each.code].append(_in_plain_year(each.day))
    return {key: _practice(by_key[key]) for key in sorted(by_key)}


def _practice(days: dict[str, list[date]]) -> Practice:
    weighted = sorted((day, len(held) ** -0.5) for held in days.values() for day in held)
    first, middle, last = (_quantile(weighted, share) for share in (TAIL, 0.5, 1 - TAIL))
    return Practice(
        _month_day(first - PAD),
        _month_day(middle),
        _month_day(last + PAD),
        f"{len(days)} councils, {len(weighted)} days",
    )


def _quantile(weighted: Sequence[tuple[date, float]], share: float) -> date:
    wanted = share * sum(weight for _, weight in weighted)
    so_far = 0.0
    for day, weight in weighted:
        so_far += weight
        if so_far >= wanted - 1e-9:
            return day
    return weighted[-1][0]


def _in_plain_year(day: date) -> date:
    return day.replace(year=_PLAIN_YEAR, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _month_day(day: date) -> MonthDay:
    return day.month, day.day


@dataclass(frozen=True, slots=True)
class Held:
    """The errors of one held-out day, by us and by the other councils' practice."""

    code: str
    key: str
    late: int
    """Days after the likely one; negative if before."""
    held: bool
    width: int


def held_out(
    councils: Sequence[ObservedCouncil], customs: Customs, *, shipped: bool = False
) -> list[Held]:
    """Every day of the councils with these customs, against windows derived from the others.

    Args:
        councils: all of them.
        customs: whose.
        shipped: judge the windows that ship instead, which know these councils.
    """
    found = []
    for council in councils:
        if customs_of(council.council.kind, council.council.japanese_residents) is not customs:
            continue
        windows = customs.practices if shipped else derive(without(council.code, councils), customs)
        for each in days_of(council):
            if each.key in windows:
                window = _window(windows[each.key], each)
                found.append(
                    Held(
                        each.code,
                        each.key,
                        (each.day - window.likely).days,
                        window.earliest <= each.day <= window.latest,
                        window.days,
                    )
                )
    return found


def _window(practice: Practice, day: Day) -> Window:
    return practice.estimate(
        fiscal_year_of(day.day),
        1.0,
        BUSINESS_DAYS,
        shifted_earlier=day.key.startswith(Kind.SESSION_VOTE),
    ).window


@dataclass(frozen=True, slots=True)
class Summary:
    """Several held-out days."""

    days: int
    councils: int
    bias: float
    """Median of the days after the likely one."""
    median_error: float
    held: float
    width: float


def summary(found: Sequence[Held]) -> Summary:
    """Of at least one day."""
    return Summary(
        len(found),
        len({each.code for each in found}),
        median(each.late for each in found),
        median(abs(each.late) for each in found),
        fmean(each.held for each in found),
        fmean(each.width for each in found),
    )
