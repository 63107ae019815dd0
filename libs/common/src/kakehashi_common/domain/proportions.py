"""Proportions, with confidence intervals of the rates behind them.

The interval is Wilson's (Wilson 1927, "Probable inference, the law of succession, and statistical
inference"), which holds for few cases and for rates near 0 and 1 too.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

Z_95: Final = NormalDist().inv_cdf(0.975)
"""Half the width of a 95 % interval, in standard errors."""

ENOUGH: Final = 10
"""With fewer cases no rate is stated; with ten the interval is still up to 53 points wide. Common
practice."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The rates that agree with what was counted, with 95 % confidence."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """``count`` of ``n`` cases.

    Raises:
        ValueError: ``count`` doesn't lie between 0 and ``n``.
    """

    count: int
    n: int
    enough: int = ENOUGH
    """With fewer cases it states no rate."""

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.n:
            raise ValueError(f"{self.count} of {self.n} is no proportion")

    @property
    def too_few(self) -> bool:
        """Whether there are too few cases to say."""
        return self.n < max(self.enough, 1)

    @property
    def rate(self) -> float | None:
        """The share, from 0 to 1; ``None``: too few to say."""
        return None if self.too_few else self.count / self.n

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of the rate; ``None``: too few to say."""
        return None if self.too_few else wilson(self.count, self.n)


def wilson(count: float, n: int) -> Interval:
    """Return the 95 % interval of the rate behind ``count`` of ``n`` cases.

    Raises:
        ValueError: there are no cases, or ``count`` doesn't lie between 0 and ``n``.
    """
    if n < 1 or not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no proportion")
    share = count / n
    spread = 1 + Z_95**2 / n
    middle = (share + Z_95**2 / (2 * n)) / spread
    half = Z_95 * sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2)) / spread
    # Rounding errors would move the ends that are exact.
    low = 0.0 if count == 0 else middle - half
    high = 1.0 if count == n else middle + half
    return Interval(low, high)
