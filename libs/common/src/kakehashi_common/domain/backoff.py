"""Pauses before something that failed is tried again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LONGEST_ASKED_FOR: Final = timedelta(days=1)
"""The longest pause that the other side can ask for; a longer one may be a mistake."""

_ENOUGH: Final = 64
"""Every pause is the longest one after so many attempts; a larger power may be no number."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that grow with each attempt, up to a limit.

    Args:
        first: the pause after the first attempt.
        longest: the limit; the other side may ask for a longer pause.
        growth: how many times as long each pause is as the one before.
    """

    first: timedelta
    longest: timedelta
    growth: float = 2.0

    def pause(
        self, attempts: int, asked_for: timedelta | None = None, *, spread: float = 1.0
    ) -> timedelta:
        """Return how long to wait after so many attempts.

        Args:
            attempts: that were made, at least 1.
            asked_for: how long the other side asks to wait, such as by ``Retry-After``; at most
                :data:`LONGEST_ASKED_FOR` counts.
            spread: from 0 to 1, at random, for half the pause or up to all of it: what failed
                together is not tried again together.
        """
        grown = self.first.total_seconds() * self.growth ** min(attempts - 1, _ENOUGH)
        seconds = min(grown, self.longest.total_seconds()) * (0.5 + spread / 2)
        return max(timedelta(seconds=seconds), min(asked_for or timedelta(0), LONGEST_ASKED_FOR))
