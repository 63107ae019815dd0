"""The lines of an explanation, whose points sum to the score exactly."""

from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Literal, NamedTuple

from lead_scoring.domain.rules import Dimension, Group, Label

LineKind = Literal["rule", "group_cap", "total_cap"]

TOTAL = "total"
"""The id under which the limits of a whole dimension are explained."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The fixed part of an explanation's line about one rule, group or total: all but the numbers.

    One object per rule set and line, compared by identity: a caller may keep its encoded form.
    """

    dimension: Dimension
    rule: str
    """The rule's id; of a cap, the group's id or ``total``."""
    kind: LineKind
    label: Label


class Contribution(NamedTuple):
    """One line with its numbers."""

    line: Line
    points: int
    """Tenths of a point now. A cap's line is negative, but that of a total raised to 0."""
    times: int | None
    """The count within the horizon; ``None`` for fit and caps."""
    last_on: int | None
    """The Japan day on which it last happened."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The fit score of every lead that the same fit rules match."""

    rules: object
    """The compiled rules that this fit belongs to."""
    points: int
    contributions: tuple[Contribution, ...]


def sort_strongest_first(contributions: list[Contribution]) -> None:
    """The most points first; equal ones stay in the file's order."""
    contributions.sort(key=_POINTS, reverse=True)


_POINTS = itemgetter(1)


def shown(tenths: int) -> str:
    """Tenths of a point as people read them: ``25`` or ``2.5``."""
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"


def cap_line(dimension: Dimension, group: Group) -> Line:
    """The line that takes away what a group has above its cap."""
    most = shown(group.cap)
    label = Label(
        ja=f"「{group.label.ja}」の上限（{most}点）による調整",
        en=f"{group.label.en}: at most {most} points",
    )
    return Line(dimension, group.id, "group_cap", label)


@cache
def total_lines(dimension: Dimension) -> tuple[Line, Line]:
    """The lines that keep a dimension's total at 100 at most, and at 0 at least."""
    return (
        Line(
            dimension,
            TOTAL,
            "total_cap",
            Label("合計の上限（100点）による調整", "At most 100 points"),
        ),
        Line(
            dimension, TOTAL, "total_cap", Label("合計の下限（0点）による調整", "At least 0 points")
        ),
    )
