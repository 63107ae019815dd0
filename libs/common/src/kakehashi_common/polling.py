"""Look for work again and again, until a process is to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from kakehashi_common.errors import TransientError

log = structlog.get_logger(__name__)

_EVERY: Final = 2.0
"""Seconds between two looks."""
_LONGEST_PAUSE: Final = 30.0


async def poll(stop: asyncio.Event, look: Callable[[], Awaitable[object]], what: str) -> None:
    """Call ``look`` every two seconds until ``stop`` is set; less often while it is in trouble.

    Args:
        stop: ends it after the look that is under way.
        look: does what there is to do; a TransientError of it is logged, and it is called again.
        what: is looked for, for the log.
    """
    pause = _EVERY
    while not stop.is_set():
        try:
            await look()
            pause = _EVERY
        except TransientError as error:
            pause = min(pause * 2, _LONGEST_PAUSE)
            log.warning("work waits", what=what, reason=error.message, pause_seconds=pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=pause)
