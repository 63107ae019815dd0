"""Look for work again and again, until a process is to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from kakehashi_common.errors import FaultError, TransientError

log = structlog.get_logger(__name__)

_EVERY: Final = timedelta(seconds=2)
_LONGEST_PAUSE: Final = 30.0
"""Seconds between two looks while something is unavailable."""


async def poll(
    stop: asyncio.Event,
    look: Callable[[], Awaitable[object]],
    waiting: str,
    *,
    every: timedelta = _EVERY,
    full: int | None = None,
) -> None:
    """Call ``look`` again and again until ``stop`` is set; less often while it is in trouble.

    Args:
        stop: ends it after the look that is under way.
        look: does what there is to do; a TransientError or FaultError of it is logged, and it is
            called again. A fault must not end a process in which others have work to do.
        waiting: what the log says then, such as ``mails wait``.
        every: the pause between two looks.
        full: as much as one look does at most. One that returns so much has left some, and the next
            follows at once.
    """
    pause = every.total_seconds()
    while not stop.is_set():
        try:
            done = await look()
            pause = every.total_seconds()
            if full is not None and isinstance(done, int) and done >= full:
                continue
        except TransientError as error:
            pause = min(pause * 2, _LONGEST_PAUSE)
            log.warning(waiting, reason=error.message, pause_seconds=pause)
        except FaultError as error:
            pause = min(pause * 2, _LONGEST_PAUSE)
            log.error(waiting, reason=error.message, code=error.code, pause_seconds=pause)  # noqa: TRY400 - a fault of a server, not of this code
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=pause)
