"""Retries of webhooks, and the time at which one is given up."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.backoff import Backoff

GIVEN_UP_AFTER: Final = timedelta(days=3)
"""Since the first attempt: over a weekend."""

_BACKOFF: Final = Backoff(timedelta(seconds=30), longest=timedelta(hours=6))


class CallState(StrEnum):
    """The state of a call."""

    TRYING = "trying"
    """It was not taken yet, and is posted again."""
    TAKEN = "taken"
    """The receiver answered 2xx."""
    FAILED = "failed"
    """The receiver refused it, or did not accept it in time."""


def next_attempt(
    attempts: int, first_at: datetime, now: datetime, asked_for: timedelta | None = None
) -> datetime | None:
    """Return when to post a call again after so many attempts; ``None``: it is given up.

    Args:
        attempts: that were made, at least 1.
        first_at: when the first one was.
        now: the present instant.
        asked_for: how long the receiver asks to wait; at most a day counts.
    """
    deadline = first_at + GIVEN_UP_AFTER
    if now >= deadline:
        return None
    return min(now + _BACKOFF.pause(attempts, asked_for), deadline)
