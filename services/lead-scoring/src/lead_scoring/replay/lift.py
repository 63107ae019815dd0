"""Measures how well scores separate won leads from lost ones, by the standard library only."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from kakehashi_common.domain.proportions import Z_95, wilson


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def auc(won: Sequence[float], others: Sequence[float]) -> Estimate:
    """The chance that a won lead scores above another one (ties count half).

    The interval is DeLong's (DeLong, DeLong & Clarke-Pearson 1988), cut off at 0 and 1.

    Raises:
        ValueError: one of the two groups has fewer than two leads.
    """
    if min(len(won), len(others)) < 2:  # noqa: PLR2004
        raise ValueError("an AUC needs at least two leads that were won and two that were not")
    # For each lead, the share of the other group that it beats.
    above = _shares_below(won, sorted(others))
    below = [1 - share for share in _shares_below(others, sorted(won))]
    value = sum(above) / len(above)
    error = sqrt(_variance(above) / len(above) + _variance(below) / len(below))
    return Estimate(value, max(0.0, value - Z_95 * error), min(1.0, value + Z_95 * error))


def _shares_below(scores: Sequence[float], ordered: Sequence[float]) -> list[float]:
    return [
        (bisect_left(ordered, score) + bisect_right(ordered, score)) / (2 * len(ordered))
        for score in scores
    ]


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def share(successes: int, total: int) -> Estimate:
    """A share with Wilson's interval, which holds for small groups too.

    Raises:
        ValueError: the group is empty.
    """
    if total < 1:
        raise ValueError("a share needs a group")
    interval = wilson(successes, total)
    return Estimate(successes / total, interval.low, interval.high)


@dataclass(frozen=True, slots=True)
class GradeResult:
    """The leads of one grade, and how many of them were won later."""

    leads: int
    won: int

    @property
    def share(self) -> float:
        """Share that was won; 0 for an empty grade."""
        return self.won / self.leads if self.leads else 0.0


def by_grade(results: Iterable[tuple[str, bool]]) -> dict[str, GradeResult]:
    """Grade and whether it was won, of each lead → the grades that occur, in order of name."""
    leads: dict[str, int] = {}
    won: dict[str, int] = {}
    for grade, was_won in results:
        leads[grade] = leads.get(grade, 0) + 1
        won[grade] = won.get(grade, 0) + was_won
    return {grade: GradeResult(leads[grade], won[grade]) for grade in sorted(leads)}


@dataclass(frozen=True, slots=True)
class Misorder:
    """Two grades of which the better one was won less often."""

    better: str
    worse: str
    difference: float
    """Share of the worse grade less that of the better one, above 0."""
    beyond_chance: bool
    """Whether a two-sided test of two proportions (5 %) calls the difference real."""


def misorders(grades: Mapping[str, GradeResult]) -> list[Misorder]:
    """Every pair of grades that is out of order.

    A1 is better than A2 and than B1; A2 and B1 can't be compared, since fit and engagement are
    kept apart.
    """
    found = []
    for one, other in combinations(grades, 2):
        if not _comparable(one, other):
            continue
        better, worse = sorted((one, other))
        gap = grades[worse].share - grades[better].share
        if gap > 0:
            found.append(Misorder(better, worse, gap, _differ(grades[better], grades[worse])))
    return found


def _comparable(one: str, other: str) -> bool:
    """Whether one grade is at least as good in every letter and figure."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def _differ(one: GradeResult, other: GradeResult) -> bool:
    pooled = (one.won + other.won) / (one.leads + other.leads)
    error = sqrt(pooled * (1 - pooled) * (1 / one.leads + 1 / other.leads))
    return error > 0 and abs(one.share - other.share) / error > Z_95
