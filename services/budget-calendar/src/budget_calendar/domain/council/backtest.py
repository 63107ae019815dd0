"""How well earlier years would have foretold later ones: errors in days, and whether windows held.

The origin rolls: to predict year Y, only the years before Y are used, by us and by both naive
forecasts. Counted is the last voting day of every regular session (定例会) of the tested years, by
its place in the calendar year; extraordinary sessions have no counterpart in another year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, median

from budget_calendar.domain.budget_year.templates import Group
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.council.prediction import SessionHistory
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.refusals import RefusedError
from budget_calendar.domain.windows import Window

_A_YEAR_OF_WEEKS = timedelta(weeks=52)
_LAST_YEARS = 5


class Method(StrEnum):
    """A way to forecast the last voting day."""

    OURS = "ours"
    SAME_WEEKDAY_LAST_YEAR = "same_weekday_last_year"
    """364 days after last year's."""
    MEDIAN_OF_LAST_FIVE = "median_of_last_five"
    """The median day of the year of the last five (fewer at the beginning)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One session, forecast and held."""

    year: int
    number: int
    held: date
    window: Window
    errors: dict[Method, float]
    """Days between forecast and day held, never negative. The median of an even number of years
    may lie between two days."""

    @property
    def window_held(self) -> bool:
        """Whether it was held within the window."""
        return self.window.earliest <= self.held <= self.window.latest


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it."""

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
    def coverage(self) -> float:
        """The share of sessions, 0–1, that were held within their window."""
        return fmean(trial.window_held for trial in self.trials)

    @property
    def mean_window_days(self) -> float:
        """How many days a window spans on average: a wide one holds easily."""
        return fmean(trial.window.days for trial in self.trials)


def backtest(
    observed: Iterable[ObservedSession],
    years: range,
    business_days: BusinessDays,
    group: Group = Group.MUNICIPALITY,
) -> Backtest:
    """Forecast every regular session of ``years`` from the years before it.

    Raises:
        RefusedError: there is nothing to test in these years.
    """
    history = SessionHistory(observed, group)
    trials: list[Trial] = []
    left_out: list[tuple[int, int]] = []
    for year in years:
        forecast = history.predict(year, business_days)
        for number in history.numbers:
            held = history.last_vote(number, year)
            if held is None:
                continue
            ours = forecast.session(number)
            last = history.last_vote(number, year - 1)
            if ours is None or last is None:
                left_out.append((year, number))
                continue
            earlier = history.last_votes(number, before=year)
            trials.append(_trial(year, number, held, ours.last_vote.window, last, earlier))
    if not trials:
        raise RefusedError(
            f"no regular session of {years.start}–{years.stop - 1} has an observed one of the year"
            " before it to compare with",
            field="years",
            code="nothing_to_test",
        )
    return Backtest(tuple(trials), tuple(left_out))


def _trial(
    year: int, number: int, held: date, window: Window, last: date, earlier: Sequence[date]
) -> Trial:
    usual_day = median(_day_of_year(day) for day in earlier[-_LAST_YEARS:])
    return Trial(
        year,
        number,
        held,
        window,
        errors={
            Method.OURS: abs((window.likely - held).days),
            Method.SAME_WEEKDAY_LAST_YEAR: abs((last + _A_YEAR_OF_WEEKS - held).days),
            Method.MEDIAN_OF_LAST_FIVE: abs(usual_day - _day_of_year(held)),
        },
    )


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday
