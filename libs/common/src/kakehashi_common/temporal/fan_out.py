"""Call many workflows at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from kakehashi_common.errors import KakehashiError
from kakehashi_common.temporal.error_boundary import rpc_errors

T = TypeVar("T")

MAX_CONCURRENT_CALLS = 32
"""Requests to Temporal under way at a time; more only queue up at the server (measured)."""


async def for_each_workflow(workflows: Iterable[T], call: Callable[[T], Awaitable[None]]) -> None:
    """Await ``call`` with each of ``workflows``, some at a time.

    Raises:
        TransientError: Temporal is unavailable; some may have been called.
        FaultError: Temporal refuses a request; some may have been called.
    """
    room = asyncio.Semaphore(MAX_CONCURRENT_CALLS)

    async def one(workflow: T) -> None:
        async with room:
            with rpc_errors():
                await call(workflow)

    try:
        async with asyncio.TaskGroup() as tasks:
            for each in workflows:
                tasks.create_task(one(each))
    except* KakehashiError as errors:
        raise errors.exceptions[0] from None
