"""States of deliveries, and retries of failed ones."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.backoff import Backoff

MOST_ATTEMPTS: Final = 12
"""The last one is about a day after the first."""

_BACKOFF: Final = Backoff(timedelta(seconds=5), longest=timedelta(hours=6), growth=3.0)


class DeliveryState(StrEnum):
    """The state of a delivery of a notification."""

    WAITING = "waiting"
    """Mail that awaits its time: working hours, or a digest."""
    PENDING = "pending"
    """To be sent, or tried again."""
    GATHERED = "gathered"
    """It goes with a digest that is pending."""
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    """There is nobody to send it to, or no address. Can be retried once there is."""
    DEAD = "dead"
    """Refused, or given up after the last attempt. Can be retried."""


FAILED: Final = frozenset({DeliveryState.UNDELIVERABLE, DeliveryState.DEAD})
"""Nothing more is done before somebody retries."""


def retry_delay(
    attempts: int, spread: float, asked_for: timedelta | None = None
) -> timedelta | None:
    """Return how long to wait after so many attempts; ``None``: it is given up.

    Args:
        attempts: that were made, at least 1.
        spread: from 0 to 1, at random: those that failed together don't come back together.
        asked_for: how long the other side wants to be left alone; at most a day counts.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return _BACKOFF.pause(attempts, asked_for, spread=spread)
