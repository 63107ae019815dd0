"""Overlaps Python's work with PostgreSQL's, so that neither waits for the other."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Final, TypeVar

T = TypeVar("T")

_AT_ONCE: Final = 400
"""Ten milliseconds of work on leads, some tens where their tallies are made: what PostgreSQL is
sent goes out in the pauses. Other tasks have their turn there too, and decoding the next batch is
better kept for when this one waits for PostgreSQL."""


@asynccontextmanager
async def overlap(statements: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Execute ``statements`` while the block works, and leave it when both have ended.

    The block must not use their connection, and works in :func:`chunks`. Its own error cancels
    the statements; otherwise theirs is raised at its end, after which the task has their result.
    """
    task = asyncio.create_task(statements)
    try:
        yield task
    except BaseException:
        task.cancel()
        # Whoever rolls back needs the connection.
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen: the block's own error is raised
        raise
    await task


async def chunks(items: Iterable[T]) -> AsyncIterator[Sequence[T]]:
    """Yield ``items`` in parts, and let other tasks run before each of them."""
    remaining = iter(items)
    while part := tuple(islice(remaining, _AT_ONCE)):
        await asyncio.sleep(0)
        yield part
