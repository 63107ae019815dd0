"""Goals, and whether they were reached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal, in words and figures."""

    what: str
    goal: str
    reached: str
    met: bool
