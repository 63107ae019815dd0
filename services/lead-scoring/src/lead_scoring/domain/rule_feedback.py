"""Field sales' judgement of the leads that a rule helped to qualify.

Acceptance and wins are associations, not causes: a rule may merely coincide with the cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kakehashi_common.domain.proportions import Proportion


@dataclass(frozen=True, slots=True)
class Judged:
    """Qualifications, and what became of their handoffs."""

    qualified: int
    handed_off: int
    accepted: int
    rejected: Mapping[str, int]
    """By reason."""
    returned: int
    """Of all handed off, those that were returned for missing facts at least once."""
    won: int
    lost: int
    no_decision: int

    @property
    def acceptance(self) -> Proportion:
        """The accepted ones of those that have an answer."""
        return Proportion(self.accepted, self.accepted + sum(self.rejected.values()))

    @property
    def wins(self) -> Proportion:
        """The won ones of those whose deal has an outcome."""
        return Proportion(self.won, self.won + self.lost + self.no_decision)


def lift(rate: Proportion, of_all: Proportion) -> float | None:
    """Return how many times as high the rate is as that of all; ``None``: too few to say."""
    if rate.rate is None or not of_all.rate:
        return None
    return rate.rate / of_all.rate


def is_below(rate: Proportion, of_all: Proportion) -> bool:
    """Whether the whole 95 % interval lies below the rate of all.

    Of many rules as good as all, about one in forty is found below by chance.
    """
    interval = rate.interval
    return interval is not None and of_all.rate is not None and interval.high < of_all.rate


def lowered(points: int, rate: Proportion, of_all: Proportion) -> int:
    """Return points lowered as far as the rate is below that of all; a tenth at least remains.

    A start for a person who decides, not an optimum. ``points`` are tenths above 0.
    """
    found = lift(rate, of_all)
    return points if found is None else max(1, min(points, round(points * found)))
