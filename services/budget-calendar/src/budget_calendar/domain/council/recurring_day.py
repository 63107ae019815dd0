"""On which business day something that comes back every year falls, from when it fell before.

Every business day near the days of earlier years gets a probability: much near the same month and
day, little two weeks off; more on a weekday that was usual. The newer a year, the more it counts,
and a share goes to the span that is usual elsewhere: with one year known that share is large and
the window wide, with ten it is small. The likely day is the median, the window the shortest run of
days around it that holds 80 %.

The four constants were chosen by their log score in rolling forecasts of the years up to 2018 of
the one council whose sessions ship with the examples, but for the usual span's weight: 0.25 scores
a little better there, 0.5 is kept for councils that are less regular. The score is flat around
them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from math import exp, tanh
from typing import Final

from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.windows import Window

LEVEL: Final = 0.8
"""The probability that a window holds."""

_HALF_LIFE_YEARS: Final = 10.0
"""After so many years an observation counts half."""
_SPREAD_DAYS: Final = 2.0
"""The mean distance, in days, from the same day of an earlier year."""
_USUAL_WEIGHT: Final = 0.5
"""How many observations the usual span is worth."""
_WEEKDAY_WEIGHT: Final = 0.5
"""How many observations each weekday is given beforehand."""

_REACH: Final = 21
"""Days farther from every known day, and from the usual span, are not considered."""
_NEAR: Final = tuple(
    exp(-abs(z) / _SPREAD_DAYS) * tanh(0.5 / _SPREAD_DAYS) for z in range(-_REACH, _REACH + 1)
)
"""The probability of each distance from the same day of an earlier year; sums to 1."""
_FADE_DAYS: Final = 5.0
"""How fast probability fades outside the usual span."""
_FAR_FROM_USUAL: Final = 21
"""If all is farther than this from a usual span, in days, that span says nothing about it."""
_HALF_SPAN: Final = 14
_BUSINESS_WEEK: Final = 5
_FEBRUARY: Final = 2


def predict_day(
    year: int,
    observed: Sequence[date],
    usual: Sequence[tuple[date, date]],
    business_days: BusinessDays,
) -> Window:
    """The window of a business day in ``year``.

    Args:
        year: the calendar year to predict.
        observed: on which day it fell in earlier years, one each; at least one.
        usual: spans of ``year`` that are usual; the one nearest to what was observed is used, none
            if all are far from it.
        business_days: when a council may sit. What they say of a year is kept, so pass the same
            ones each time.
    """
    centres = [(_in_year(day, year), day) for day in observed]
    middle = sorted(centre for centre, _ in centres)[len(centres) // 2]
    first, last = _span(middle, usual)
    start = min(first, *(centre for centre, _ in centres)) - timedelta(days=_REACH)
    end = max(last, *(centre for centre, _ in centres)) + timedelta(days=_REACH)
    offset, size = start.toordinal(), (end - start).days + 1

    mass = list(_usual_share(first.toordinal() - offset, last.toordinal() - offset, size))
    weekdays = [_WEEKDAY_WEIGHT] * _BUSINESS_WEEK
    for centre, day in centres:
        weight = 0.5 ** ((year - day.year - 1) / _HALF_LIFE_YEARS)
        if day.weekday() < _BUSINESS_WEEK:
            weekdays[day.weekday()] += weight
        at = centre.toordinal() - offset
        for i, near in enumerate(_NEAR, at - _REACH):
            mass[i] += weight * near
    sitting = _sitting(year, business_days)
    into_year = offset - _first_considered(year).toordinal()
    for i in range(size):
        weekday = sitting[into_year + i]
        mass[i] = 0.0 if weekday is None else mass[i] * weekdays[weekday]
    low, likely, high = _shortest_run(mass)
    return Window(*(date.fromordinal(offset + i) for i in (low, likely, high)))


def _first_considered(year: int) -> date:
    """Before any day that a prediction of ``year`` looks at."""
    return date(year - 1, 11, 1)


@lru_cache(maxsize=64)
def _sitting(year: int, business_days: BusinessDays) -> tuple[int | None, ...]:
    """The weekday of each day on which a council may sit, ``None`` for the others.

    The first is that of `_first_considered`; they go on to the end of February of the year after.
    """
    first, end = _first_considered(year).toordinal(), date(year + 1, 3, 1).toordinal()
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
    """What the usual span adds to each of ``size`` days; ``first`` and ``last`` are indices."""
    even = _USUAL_WEIGHT / (last - first + 1)
    return tuple(even * exp(-max(first - i, i - last, 0) / _FADE_DAYS) for i in range(size))


def _shortest_run(mass: Sequence[float]) -> tuple[int, int, int]:
    """First, median and last index of the shortest run around the median that holds the level.

    Of runs of equal length the one that holds more is taken.
    """
    sums = [0.0]
    for each in mass:
        sums.append(sums[-1] + each)
    total = sums[-1]
    median = next(i for i in range(len(mass)) if sums[i + 1] >= total / 2)
    wanted = total * LEVEL * (1 - 1e-9)
    best = (len(mass), 0.0, 0, len(mass) - 1)
    high = median
    for low in range(median + 1):
        while high < len(mass) - 1 and sums[high + 1] - sums[low] < wanted:
            high += 1
        held = sums[high + 1] - sums[low]
        if held >= wanted and mass[low] > 0:
            best = min(best, (high - low, -held, low, high))
    return best[2], median, best[3]
