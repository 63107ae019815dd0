"""When a webhook of a step is posted again, and when it is given up."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.backoff import Backoff

GIVEN_UP_AFTER: Final = timedelta(days=3)
"""Since the first attempt: over a weekend."""

_BACKOFF: Final = Backoff(timedelta(seconds=30), longest=timedelta(hours=6))


class CallState(StrEnum):
    """What became of a call."""

    TRYING = "trying"
    """It was not taken yet, and is posted again."""
    TAKEN = "taken"
    """The receiver answered 2xx."""
    FAILED = "failed"
    """The receiver doesn't want it, or did not take it in time."""


def next_attempt(
    attempts: int, first_at: datetime, now: datetime, asked_for: timedelta | None = None
) -> datetime | None:
    """Return when a call is posted again after so many attempts; ``None``: it is given up.

    Args:
        attempts: that were made, at least 1.
        first_at: when the first one was.
        now: the present instant.
        asked_for: how long the receiver wants to be left alone; at most a day counts.
    """
    deadline = first_at + GIVEN_UP_AFTER
    if now >= deadline:
        return None
    return min(now + _BACKOFF.pause(attempts, asked_for), deadline)
