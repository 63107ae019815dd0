"""Reach many workflows at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from temporalio.service import RPCError

from kakehashi_common.errors import TransientError

AT_ONCE = 32
"""Requests to Temporal under way at a time; more only queue up at the server (measured)."""


async def reach_each(ids: Iterable[str], reach: Callable[[str], Awaitable[None]]) -> None:
    """Call ``reach`` with each of ``ids``, some at a time.

    Raises:
        TransientError: Temporal is away; some may have been reached.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def one(reached: str) -> None:
        async with room:
            await reach(reached)

    try:
        async with asyncio.TaskGroup() as tasks:
            for each in ids:
                tasks.create_task(one(each))
    except* (RPCError, RuntimeError) as errors:
        # The SDK raises RuntimeError when a lazy client can't connect.
        first = errors.exceptions[0]
        raise TransientError(f"Temporal can't be reached: {first}") from first
