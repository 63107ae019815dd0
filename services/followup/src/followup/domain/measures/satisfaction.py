"""The satisfaction of those who answered a survey, with a confidence interval."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from kakehashi_common.domain.proportions import ENOUGH, Interval, wilson
from kakehashi_common.domain.satisfaction import HIGHEST_SCORE, LOWEST_SCORE

K = TypeVar("K")

_WIDTH: Final = HIGHEST_SCORE - LOWEST_SCORE


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The number of times that each score was given."""

    counts: Mapping[int, int]
    """By score; a score that is missing was given by nobody."""

    @property
    def n(self) -> int:
        """The number of answers."""
        return sum(self.counts.values())

    @property
    def too_few(self) -> bool:
        """Whether there are too few answers to say."""
        return self.n < ENOUGH

    @property
    def mean(self) -> float | None:
        """The mean score; ``None``: too few to say."""
        if self.too_few:
            return None
        return sum(score * count for score, count in self.counts.items()) / self.n

    @property
    def interval(self) -> Interval | None:
        """The means that agree with what was answered; ``None``: too few to say.

        It is Wilson's for the share of the scale that was reached. No answers vary more than those
        that are either the lowest or the highest score, which it is made for: so it is rather too
        wide than too narrow, and never leaves the scale.
        """
        if self.mean is None:
            return None
        reached = wilson((self.mean - LOWEST_SCORE) / _WIDTH * self.n, self.n)
        return Interval(LOWEST_SCORE + reached.low * _WIDTH, LOWEST_SCORE + reached.high * _WIDTH)


def together(answered: Iterable[tuple[K, Satisfaction]]) -> Mapping[K, Satisfaction]:
    """Return the answers of each key, of all its parts together."""
    found: dict[K, Counter[int]] = {}
    for key, part in answered:
        found.setdefault(key, Counter()).update(part.counts)
    return {key: Satisfaction(counts) for key, counts in found.items()}
