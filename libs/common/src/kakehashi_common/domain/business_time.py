"""Business time: the hours in which somebody works, in Japan, and durations that count only them.

Pure: nothing but the standard library, so that a domain may import it too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import count, pairwise
from typing import Final

WEEKDAYS: Final = range(5)
"""Monday to Friday, as ``date.weekday`` counts."""

SEARCH_LIMIT: Final = timedelta(days=3660)
"""The furthest that working hours are searched for."""

JAPAN: Final = timezone(timedelta(hours=9), "JST")
"""Without daylight saving time since 1951: a day's hours are the difference of its times."""

_ONE_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = time()
_EPOCH: Final = datetime(1, 1, 1, tzinfo=JAPAN)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = _ONE_DAY // _MICROSECOND

_Span = tuple[int, int]
"""From and until, in microseconds: of a day, or since ``_EPOCH``. Whole numbers compute several
times as fast as aware datetimes, and a screen of open handoffs computes hundreds of clocks."""


class NoWorkingHoursError(ValueError):
    """No working hours were given, or none lie within ``SEARCH_LIMIT``."""


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From ``opens`` until ``closes`` of one day in Japan; ``closes`` 00:00 is the day's end."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("hours are times in Japan: give them without a time zone")
        if self.closes != _MIDNIGHT and self.closes <= self.opens:
            raise ValueError(
                f"closes at {self.closes:%H:%M}, before it opens at {self.opens:%H:%M}"
            )


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """From ``starts`` until ``ends``, two instants: a member's leave, a company's day off."""

    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.starts.utcoffset() is None or self.ends.utcoffset() is None:
            raise ValueError("an absence begins and ends at instants: add a time zone")
        if self.ends <= self.starts:
            raise ValueError("an absence ends before it begins")


class BusinessTime:
    """Working hours by weekday, on business days, except for absences.

    Args:
        is_business_day: whether anybody works on a day; asked again and again, so it should be
            quick. A holiday decreed later changes what is computed from then on.
        hours: the hours of each weekday (0 is Monday), without the lunch break.
        absences: may overlap.

    Raises:
        NoWorkingHoursError: no weekday has hours.
        ValueError: hours of one weekday overlap, or a weekday is none of 0 to 6.
    """

    __slots__ = ("_absences", "_hours", "_is_business_day")

    def __init__(
        self,
        is_business_day: Callable[[date], bool],
        hours: Mapping[int, Sequence[Hours]],
        absences: Iterable[Absence] = (),
    ) -> None:
        if not any(hours.values()):
            raise NoWorkingHoursError("no weekday has working hours")
        if not set(hours) <= set(range(7)):
            raise ValueError("a weekday is a number from 0 (Monday) to 6 (Sunday)")
        self._hours = tuple(_spans_of_a_day(hours.get(weekday, ())) for weekday in range(7))
        self._absences = _merged(absences)
        self._is_business_day = is_business_day

    def is_open(self, at: datetime) -> bool:
        """Whether ``at`` lies in working hours; their last instant doesn't."""
        return any(starts <= _number(at) for starts, _ in self._spans(at, days=1))

    def next_open(self, at: datetime) -> datetime:
        """Return ``at``, or the next instant in working hours when it lies outside.

        Raises:
            NoWorkingHoursError: there are none within ``SEARCH_LIMIT``.
        """
        return _instant(next(self._spans(at))[0])

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant at which ``duration`` of working hours has passed.

        What ends with a day's work is due at its end, not on the next morning. A duration of zero
        gives ``start`` back.

        Raises:
            NoWorkingHoursError: nobody works within ``SEARCH_LIMIT``.
            ValueError: ``duration`` is negative.
        """
        if duration < timedelta(0):
            raise ValueError("a negative duration can't be added")
        left = duration // _MICROSECOND
        if not left:
            return start
        for starts, ends in self._spans(start):
            if left <= ends - starts:
                return _instant(starts + left)
            left -= ends - starts
        raise AssertionError  # pragma: no cover - the spans don't end, they raise

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of ``start`` to ``end`` lies in working hours.

        Zero if ``end`` comes first.
        """
        until = _number(end)
        days = until // _DAY - _number(start) // _DAY + 1
        worked = sum(
            max(0, min(ends, until) - starts) for starts, ends in self._spans(start, days=days)
        )
        return worked * _MICROSECOND

    def _spans(self, start: datetime, *, days: int | None = None) -> Iterator[_Span]:
        """Yield the working hours from ``start`` on, in order and without overlap.

        Those of so many days, the first included; without ``days`` they don't end.

        Raises:
            NoWorkingHoursError: nobody works within ``SEARCH_LIMIT``.
        """
        beginning = _number(start)
        today = beginning // _DAY
        absences = [each for each in self._absences if each[1] > beginning]
        last_found = today
        for number in count(today) if days is None else range(today, today + days):
            day = date.fromordinal(number + 1)
            hours = self._hours[day.weekday()]
            if hours and self._is_business_day(day):
                for opens, closes in hours:
                    midnight = number * _DAY
                    for span in _without(
                        absences, max(midnight + opens, beginning), midnight + closes
                    ):
                        yield span
                        last_found = number
            if days is None and number - last_found > SEARCH_LIMIT.days:
                raise NoWorkingHoursError(
                    f"no working hours from {date.fromordinal(last_found + 1)} to {day}"
                )


def _number(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND


def _spans_of_a_day(hours: Sequence[Hours]) -> tuple[_Span, ...]:
    ordered = sorted(hours)
    for before, after in pairwise(ordered):
        if before.closes == _MIDNIGHT or after.opens < before.closes:
            raise ValueError(
                f"hours overlap: {before.opens:%H:%M}-{before.closes:%H:%M} "
                f"and {after.opens:%H:%M}-{after.closes:%H:%M}"
            )
    return tuple((_of_day(each.opens), _of_day(each.closes) or _DAY) for each in ordered)


def _of_day(at: time) -> int:
    return (
        timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
        // _MICROSECOND
    )


def _merged(absences: Iterable[Absence]) -> tuple[_Span, ...]:
    """Return the absences in order, those that overlap as one."""
    merged: list[_Span] = []
    for each in sorted(absences):
        starts, ends = _number(each.starts), _number(each.ends)
        if merged and starts <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], ends)
        else:
            merged.append((starts, ends))
    return tuple(merged)


def _without(absences: Sequence[_Span], starts: int, ends: int) -> Iterator[_Span]:
    """Yield what is left of one span of working hours."""
    for gone, back in absences:
        if gone >= ends:
            break
        if gone > starts:
            yield starts, gone
        starts = max(starts, back)
    if starts < ends:
        yield starts, ends
