"""How long something took: in business time and on the clock on the wall."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from kakehashi_common.domain.business_time import BusinessTime

_HOUR: Final = timedelta(hours=1)

HoursOf = Callable[[str | None], BusinessTime]
"""The hours of a member's team, without anybody's absences; of ``None``, or of a member who was
deleted, the usual ones."""


@dataclass(frozen=True, slots=True)
class Took:
    """One duration, both ways; pauses are part of it."""

    business: timedelta
    wall_clock: timedelta


@dataclass(frozen=True, slots=True)
class Hours:
    """What durations come to, in hours."""

    median: float
    p90: float
    """Nine of ten took at most so long."""
    mean: float


@dataclass(frozen=True, slots=True)
class Durations:
    """What ``n`` durations come to; ``None``: there are none."""

    n: int
    business: Hours | None
    wall_clock: Hours | None


def took(start: datetime, end: datetime, works: BusinessTime) -> Took:
    """Return how long it took from ``start`` to ``end``; nothing if ``end`` comes first."""
    return Took(works.between(start, end), max(end - start, timedelta(0)))


def summary(durations: Sequence[Took]) -> Durations:
    """Return what durations come to."""
    return Durations(
        len(durations),
        hours([each.business for each in durations]),
        hours([each.wall_clock for each in durations]),
    )


def hours(durations: Sequence[timedelta]) -> Hours | None:
    """Return what durations come to; ``None`` of none."""
    if not durations:
        return None
    ordered = sorted(each / _HOUR for each in durations)
    return Hours(median(ordered), percentile(ordered, 0.9), sum(ordered) / len(ordered))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values don't exceed, between two of them if need be.

    As PostgreSQL's ``percentile_cont`` and a spreadsheet's ``PERCENTILE.INC``.

    Args:
        ordered: values in order, at least one.
        share: from 0 to 1.
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
