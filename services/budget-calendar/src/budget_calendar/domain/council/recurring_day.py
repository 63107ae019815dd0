"""On which business day something that comes back every year falls, from when it fell before.

Every business day near the days of earlier years gets a probability: much near the same month and
day, little two weeks off; more on a weekday that was usual. The newer a year, the more it counts,
and a share goes to the span that is usual elsewhere: with one year known that share is large and
the window wide, with ten it is small. The likely day is the median, the window the shortest run of
days around it that holds `HELD_MASS`.

The constants were chosen in rolling forecasts of 24 councils (`python -m benchmarks.predictions`,
ADR 0014) as those that do well on each group of them. The error is flat around them; what matters
is the half-life and the mass.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from math import exp, tanh
from typing import Final

from budget_calendar.domain.council.like_years import LikeYears
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.business_days import BusinessDays

LEVEL: Final = 0.8
"""The share of windows that hold, as measured."""
HELD_MASS: Final = 0.7
"""The probability that a window needs so that `LEVEL` of them hold. It is less, since a window ends
on whole business days, mostly on a weekday that is usual, and so holds more than asked for."""

VOTE_HALF_LIFE_YEARS: Final = 10.0
"""After so many years a last voting day counts half: last votes come back to the same week."""
OPENING_HALF_LIFE_YEARS: Final = 2.0
"""The same for openings, which drift: a council whose spring session opened a little earlier every
year is foretold to 0.8 days, with 10 years to 2.1."""
_SPREAD_DAYS: Final = 2.0
"""The mean distance, in days, from the same day of an earlier year."""
_USUAL_WEIGHT: Final = 0.25
"""The weight of the usual span, in observations."""
_WEEKDAY_WEIGHT: Final = 0.5
"""The prior weight of each weekday, in observations."""
_POSTPONED_WEIGHT: Final = 1.0
"""The prior weight of a postponement, in observations."""

_REACH: Final = 21
"""Days farther from every known day, and from the usual span, are not considered."""
_NEAR: Final = tuple(
    exp(-abs(z) / _SPREAD_DAYS) * tanh(0.5 / _SPREAD_DAYS) for z in range(-_REACH, _REACH + 1)
)
"""The probability of each distance from the same day of an earlier year; sums to 1."""
_FADE_DAYS: Final = 5.0
"""The scale, in days, on which probability decays outside the usual span."""
_FAR_FROM_USUAL: Final = 21
"""If all is farther than this from a usual span, in days, that span says nothing about it."""
_HALF_SPAN: Final = 14
_BUSINESS_WEEK: Final = 5
_FEBRUARY: Final = 2


def predict_day(
    year: int,
    observed: Mapping[int, date],
    usual: Sequence[tuple[date, date]],
    business_days: BusinessDays,
    *,
    half_life_years: float = VOTE_HALF_LIFE_YEARS,
    like: LikeYears | None = None,
) -> Window:
    """The window of a business day in ``year``.

    Args:
        year: the calendar year to predict.
        observed: on which day it fell, by the year in which it counts; at least one. A winter
            session may end in the January after its year.
        usual: spans of ``year`` that are usual; the one nearest to what was observed is used, none
            if all are far from it.
        business_days: when a council may sit. What they say of a year is kept, so pass the same
            ones each time.
        half_life_years: after so many years an observation counts half, unless ``like`` says it.
        like: which years count more than others; ``None``: all alike.
    """
    like = like or LikeYears((1.0,) * len(observed))
    half_life = like.half_life_years or half_life_years
    known = [
        (
            _in_year(day, year + day.year - counted),
            day.weekday(),
            share * 0.5 ** ((year - counted - 1) / half_life),
        )
        for (counted, day), share in zip(observed.items(), like.weights, strict=True)
    ]
    middle = _middle(known)
    first, last = _span(middle, usual)
    start = min(first, *(centre for centre, _, _ in known)) - timedelta(days=_REACH)
    end = max(last, *(centre for centre, _, _ in known)) + timedelta(
        days=max(_REACH, like.postponed_by_days)
    )
    offset, size = start.toordinal(), (end - start).days + 1

    mass = list(_usual_share(first.toordinal() - offset, last.toordinal() - offset, size))
    weekdays = [_WEEKDAY_WEIGHT] * _BUSINESS_WEEK
    for centre, weekday, weight in known:
        if weekday < _BUSINESS_WEEK:
            weekdays[weekday] += weight
        at = centre.toordinal() - offset
        for i, near in enumerate(_NEAR, at - _REACH):
            mass[i] += weight * near
    if like.postponed_by_days:
        at = middle.toordinal() - offset
        for i in range(at, at + like.postponed_by_days + 1):
            mass[i] += _POSTPONED_WEIGHT / (like.postponed_by_days + 1)
    sitting = [
        weekday
        for calendar_year in range(start.year, end.year + 1)
        for weekday in _sitting(calendar_year, business_days)
    ]
    into_year = offset - date(start.year, 1, 1).toordinal()
    for i in range(size):
        weekday_then = sitting[into_year + i]
        mass[i] = 0.0 if weekday_then is None else mass[i] * weekdays[weekday_then]
    low, likely, high = _shortest_run(mass)
    return Window(*(date.fromordinal(offset + i) for i in (low, likely, high)))


def _middle(known: Sequence[tuple[date, int, float]]) -> date:
    """The weighted median of the days."""
    half = sum(weight for _, _, weight in known) / 2
    so_far = 0.0
    for centre, _, weight in sorted(known):
        so_far += weight
        if so_far >= half:
            return centre
    return known[-1][0]


@lru_cache(maxsize=64)
def _sitting(year: int, business_days: BusinessDays) -> tuple[int | None, ...]:
    """The weekday of each day of a year on which a council may sit, ``None`` for the others."""
    first, end = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    days = (date.fromordinal(each) for each in range(first, end))
    return tuple(day.weekday() if day in business_days else None for day in days)


def _in_year(day: date, year: int) -> date:
    """The same month and day of another year; 28 February for the 29th."""
    return date(year, day.month, min(day.day, 28) if day.month == _FEBRUARY else day.day)


def _span(middle: date, usual: Sequence[tuple[date, date]]) -> tuple[date, date]:
    """The usual span nearest to ``middle``; four weeks around it where none is near."""

    def distance(span: tuple[date, date]) -> int:
        return max((span[0] - middle).days, (middle - span[1]).days, 0)

    nearest = min(usual, key=distance, default=None)
    if nearest is None or distance(nearest) > _FAR_FROM_USUAL:
        half = timedelta(days=_HALF_SPAN)
        return middle - half, middle + half
    return nearest


@lru_cache(maxsize=256)
def _usual_share(first: int, last: int, size: int) -> tuple[float, ...]:
    """Return the share of each of ``size`` days in the usual span from ``first`` to ``last``."""
    even = _USUAL_WEIGHT / (last - first + 1)
    return tuple(even * exp(-max(first - i, i - last, 0) / _FADE_DAYS) for i in range(size))


def _shortest_run(mass: Sequence[float]) -> tuple[int, int, int]:
    """First, median and last index of the shortest run around the median that holds enough.

    Of runs of equal length the one that holds more is taken.
    """
    sums = [0.0]
    for each in mass:
        sums.append(sums[-1] + each)
    total = sums[-1]
    median = next(i for i in range(len(mass)) if sums[i + 1] >= total / 2)
    wanted = total * HELD_MASS * (1 - 1e-9)
    best = (len(mass), 0.0, 0, len(mass) - 1)
    high = median
    for low in range(median + 1):
        while high < len(mass) - 1 and sums[high + 1] - sums[low] < wanted:
            high += 1
        held = sums[high + 1] - sums[low]
        if held >= wanted and mass[low] > 0:
            best = min(best, (high - low, -held, low, high))
    return best[2], median, best[3]
