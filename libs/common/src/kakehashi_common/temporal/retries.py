"""Retry policies of activities."""

from datetime import timedelta
from typing import Final

from temporalio.common import RetryPolicy

UNTIL_IT_WORKS: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
)
"""A server comes back by itself; giving up would need a person."""

SOON_UNTIL_IT_WORKS: Final = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)
)
"""The same, for an activity that a person waits for."""
