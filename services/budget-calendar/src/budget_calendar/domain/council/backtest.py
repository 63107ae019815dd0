"""Backtest predictions on earlier years: errors in days, and how often windows held.

The origin rolls: to predict year Y, only the years before Y are used, by us and by all naive
forecasts. Counted are the openings or the last voting days of the regular sessions (定例会) of the
tested years, by their place in the calendar year; extraordinary sessions have no counterpart in
another year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, median
from typing import Final, Literal

from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.templates import Practice
from budget_calendar.domain.council.like_years import day_of_year
from budget_calendar.domain.council.prediction import CITY, Council, SessionHistory
from budget_calendar.domain.council.sessions import ObservedSession, PredictedSession
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError

_A_YEAR_OF_WEEKS = timedelta(weeks=52)
_WEEK: Final = timedelta(weeks=1)
_LAST_YEARS = 5

Tested = Literal[Kind.SESSION_OPENS, Kind.SESSION_VOTE]


class Method(StrEnum):
    """A way to forecast the day."""

    OURS = "ours"
    SAME_DATE_LAST_YEAR = "same_date_last_year"
    SAME_WEEKDAY_LAST_YEAR = "same_weekday_last_year"
    """364 days after last year's."""
    SAME_WEEKDAY_OF_MONTH = "same_weekday_of_month"
    """Such as the third Wednesday of June, as last year; the last one where there is no fifth."""
    MEDIAN_OF_LAST_FIVE = "median_of_last_five"
    """The median day of the year of the last five (fewer at the beginning)."""
    MEAN_OF_LAST_FIVE = "mean_of_last_five"


NAIVE: Final = tuple(method for method in Method if method is not Method.OURS)
"""Naive forecasts, for comparison."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One session, forecast and held."""

    year: int
    number: int
    held: date
    window: Window
    errors: dict[Method, float]
    """Days between forecast and day held, never negative. Median and mean of several years may lie
    between two days."""

    @property
    def window_held(self) -> bool:
        """Whether it was held within the window."""
        return self.window.earliest <= self.held <= self.window.latest


@dataclass(frozen=True, slots=True)
class Backtest:
    """The results of a backtest."""

    trials: tuple[Trial, ...]
    """By year and number; at least one."""
    left_out: tuple[tuple[int, int], ...]
    """(year, number) of sessions held in the tested years that lack a last year to compare with."""

    def mean_error(self, method: Method) -> float:
        """Mean absolute error, in days."""
        return fmean(trial.errors[method] for trial in self.trials)

    def median_error(self, method: Method) -> float:
        """Median absolute error, in days."""
        return median(trial.errors[method] for trial in self.trials)

    @property
    def best_naive(self) -> Method:
        """The naive forecast with the smallest mean error, known only afterwards."""
        return min(NAIVE, key=self.mean_error)

    @property
    def coverage(self) -> float:
        """The share of sessions, 0–1, that were held within their window."""
        return fmean(trial.window_held for trial in self.trials)

    @property
    def mean_window_days(self) -> float:
        """The mean length of a window in days: a wide one holds easily."""
        return fmean(trial.window.days for trial in self.trials)


def backtest(
    observed: Iterable[ObservedSession],
    years: range,
    business_days: BusinessDays,
    council: Council = CITY,
    *,
    of: Tested = Kind.SESSION_VOTE,
    practices: Mapping[str, Practice] | None = None,
) -> Backtest:
    """Forecast every regular session of ``years`` from the years before it.

    Args:
        observed: sessions of one council.
        years: the years to forecast.
        business_days: when a council may sit.
        council: as `SessionHistory` takes it.
        of: openings or last votes.
        practices: as `SessionHistory` takes them.

    Raises:
        DomainError: there is nothing to test in these years.
    """
    history = SessionHistory(observed, council, practices)
    trials: list[Trial] = []
    left_out: list[tuple[int, int]] = []
    for year in years:
        forecast = history.predict(year, business_days)
        for number in history.numbers:
            days = history.days(of, number)
            held = days.get(year)
            if held is None:
                continue
            window = _window(forecast.session(number), of)
            if window is None or year - 1 not in days:
                left_out.append((year, number))
                continue
            earlier = {before: day for before, day in days.items() if before < year}
            trials.append(_trial(year, number, held, window, earlier))
    if not trials:
        raise DomainError(
            f"no regular session of {years.start}–{years.stop - 1} has an observed one of the year"
            " before it to compare with",
            field="years",
            code="nothing_to_test",
        )
    return Backtest(tuple(trials), tuple(left_out))


def _window(session: PredictedSession | None, of: Tested) -> Window | None:
    if session is None:
        return None
    estimate = session.opens if of is Kind.SESSION_OPENS else session.last_vote
    return None if estimate is None else estimate.window


def _trial(
    year: int, number: int, held: date, window: Window, earlier: Mapping[int, date]
) -> Trial:
    last = earlier[year - 1]
    into = last.year + 1  # a session that ended in the January after its year is a year later
    last_five = [day_of_year(day, counted) for counted, day in earlier.items()][-_LAST_YEARS:]
    day = day_of_year(held, year)
    same_date = date(into, last.month, min(last.day, 28 if last.month == 2 else 31))  # noqa: PLR2004
    same_weekday = _same_weekday_of_month(last, into)
    return Trial(
        year,
        number,
        held,
        window,
        errors={
            Method.OURS: abs((window.likely - held).days),
            Method.SAME_DATE_LAST_YEAR: abs((same_date - held).days),
            Method.SAME_WEEKDAY_LAST_YEAR: abs((last + _A_YEAR_OF_WEEKS - held).days),
            Method.SAME_WEEKDAY_OF_MONTH: abs((same_weekday - held).days),
            Method.MEDIAN_OF_LAST_FIVE: abs(median(last_five) - day),
            Method.MEAN_OF_LAST_FIVE: abs(fmean(last_five) - day),
        },
    )


def _same_weekday_of_month(day: date, year: int) -> date:
    first = date(year, day.month, 1)
    first += timedelta(days=(day.weekday() - first.weekday()) % 7)
    found = first + (day.day - 1) // 7 * _WEEK
    return found if found.month == day.month else found - _WEEK
