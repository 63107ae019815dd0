"""Durations, in business time and on the wall clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from kakehashi_common.domain.business_time import BusinessTime

_HOUR: Final = timedelta(hours=1)

HoursOf = Callable[[str | None], BusinessTime]
"""The working hours of a member's team, without absences; the usual ones for ``None`` and for a
member who was deleted."""


@dataclass(frozen=True, slots=True)
class Took:
    """One duration, measured both ways; pauses are included."""

    business: timedelta
    wall_clock: timedelta


@dataclass(frozen=True, slots=True)
class Hours:
    """A summary of durations, in hours."""

    median: float
    p90: float
    """Nine of ten were at most this long."""
    mean: float


@dataclass(frozen=True, slots=True)
class Durations:
    """A summary of ``n`` durations; ``None``: there are none."""

    n: int
    business: Hours | None
    wall_clock: Hours | None


def took(start: datetime, end: datetime, works: BusinessTime) -> Took:
    """Return the duration from ``start`` to ``end``; zero if ``end`` comes first."""
    return Took(works.between(start, end), max(end - start, timedelta(0)))


def summary(durations: Sequence[Took]) -> Durations:
    """Return a summary of durations."""
    return Durations(
        len(durations),
        hours([each.business for each in durations]),
        hours([each.wall_clock for each in durations]),
    )


def hours(durations: Sequence[timedelta]) -> Hours | None:
    """Return a summary of durations in hours; ``None`` if there are none."""
    if not durations:
        return None
    ordered = sorted(each / _HOUR for each in durations)
    return Hours(median(ordered), percentile(ordered, 0.9), sum(ordered) / len(ordered))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values don't exceed, interpolated between two of them.

    The same as PostgreSQL's ``percentile_cont`` and a spreadsheet's ``PERCENTILE.INC``.

    Args:
        ordered: values in order, at least one.
        share: from 0 to 1.
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
