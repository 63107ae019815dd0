"""Tests wait on conditions with a deadline; they never sleep for a guessed time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

_LOOK_EVERY_SECONDS = 0.02


async def eventually(
    holds: Callable[[], object | Awaitable[object]],
    *,
    within: float = 30.0,
    what: str = "",
    every: float = _LOOK_EVERY_SECONDS,
) -> None:
    """Return once ``holds()`` is true; fail after ``within`` seconds and say what never was.

    Look less often (``every``, in seconds) where a look costs what is waited for its time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        result = holds()
        if inspect.isawaitable(result):
            result = await result
        if result:
            return
        if loop.time() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what or inspect.getsource(holds)}")
        await asyncio.sleep(every)
