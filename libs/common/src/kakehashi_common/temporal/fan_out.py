"""Reach many workflows at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from kakehashi_common.errors import KakehashiError
from kakehashi_common.temporal.error_boundary import rpc_errors

AT_ONCE = 32
"""Requests to Temporal under way at a time; more only queue up at the server (measured)."""


async def reach_each(ids: Iterable[str], reach: Callable[[str], Awaitable[None]]) -> None:
    """Call ``reach`` with each of ``ids``, some at a time.

    Raises:
        TransientError: Temporal is away; some may have been reached.
        FaultError: Temporal refuses a request; some may have been reached.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def one(reached: str) -> None:
        async with room:
            with rpc_errors():
                await reach(reached)

    try:
        async with asyncio.TaskGroup() as tasks:
            for each in ids:
                tasks.create_task(one(each))
    except* KakehashiError as errors:
        raise errors.exceptions[0] from None
