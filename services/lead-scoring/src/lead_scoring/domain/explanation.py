"""The lines of an explanation, whose points sum to the score exactly."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from lead_scoring.domain.rules import Dimension, Label

LineKind = Literal["rule", "group_cap", "total_cap"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What an explanation says about one rule, group or total, apart from the numbers.

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
    """How often it happened within the horizon; ``None`` for fit and caps."""
    last_on: int | None
    """The Japan day on which it last happened."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The fit score of every lead that the same fit rules match."""

    rules: object
    """The compiled rules that this fit belongs to."""
    points: int
    contributions: tuple[Contribution, ...]
