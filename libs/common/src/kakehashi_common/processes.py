"""One process, several components, one loop: started together, stopped in order, once.

A component works until its ``stop`` event is set, then finishes what it has in hand and returns.
Components stop one after the other in the order given: put what takes work in first (an API, a
consumer), what carries work out next (a relay), and the ops endpoints last, so that an operator
sees the process until its end.

Every stop is bounded, whatever hangs: what does not finish in time is cancelled, what does not even
end then is left behind, and the process exits with 1 and says so.
"""

import asyncio
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
import uvloop

from kakehashi_common.errors import KakehashiError

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=25)
"""Time limit for the components to finish, one and all together."""

CANCEL_TIMEOUT = timedelta(seconds=2)
"""Time limit for a cancelled component to end; after that it is abandoned."""

EXIT_TIMEOUT = timedelta(seconds=29)
"""From the first signal to the exit, closing included; below Kubernetes' 30 s until it kills."""

SECOND_SIGNAL_TIMEOUT = timedelta(seconds=5)
"""The same after a second signal."""

_COLLECT_AFTER = (50_000, 20, 20)
"""Python looks for garbage cycles once so many more objects exist. A batch of events makes tens of
thousands and frees them by reference count; Python's own 700 spent 40 % of the consumer's time on
looking through them in vain."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a process that runs until its stop event is set."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]
    """Works until the event is set, then finishes what it has in hand and returns."""
    grace: timedelta = GRACE
    """After this it is cancelled; sooner when those before it have used up :data:`GRACE`."""


Assembly = Callable[[], AbstractAsyncContextManager[Sequence[Component]]]
"""Opens what the components need (engine, producer), yields them, and closes it afterwards."""


def run_all(components: Sequence[Component]) -> int:
    """Run components that need nothing opened first; otherwise as :func:`run`."""

    @asynccontextmanager
    async def assemble() -> AsyncIterator[Sequence[Component]]:
        yield components

    return run(assemble)


class ComponentEndedError(KakehashiError):
    """A component returned before its stop event was set."""


class StopTimeoutError(KakehashiError):
    """Components were asked to stop and did not finish in time."""


def run(assemble: Assembly) -> int:
    """Run a process on uvloop until SIGTERM, SIGINT or the first failure of a component.

    Returns:
        The exit status: 0 after a signal, 1 after a failure or a stop that was not finished in
        time (either has been logged). It exits itself, with 1, when something hangs that can't be
        cancelled.
    """
    last_resort = _LastResort()
    try:
        return uvloop.run(_supervise(assemble, last_resort))
    finally:
        last_resort.cancel()


class _LastResort:
    """Ends the process from a thread of its own, whatever its loop or other threads wait for."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def exit_within(self, limit: timedelta) -> None:
        """Exit with 1 after ``limit``; a later call replaces the limit."""
        self.cancel()
        self._timer = threading.Timer(limit.total_seconds(), self._exit, [limit])
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @staticmethod
    def _exit(limit: timedelta) -> None:
        log.error(
            "the process ends although it could not stop in order",
            limit_seconds=limit.total_seconds(),
        )
        os._exit(1)


async def _supervise(assemble: Assembly, last_resort: _LastResort) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    current = asyncio.current_task()

    def on_signal(name: str) -> None:
        if stop.is_set() and current is not None:
            log.warning("stopping at once", signal=name)
            last_resort.exit_within(SECOND_SIGNAL_TIMEOUT)
            current.cancel()
            return
        log.info("stopping", signal=name)
        last_resort.exit_within(EXIT_TIMEOUT)
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, on_signal, signum.name)
    try:
        async with assemble() as components:
            gc.freeze()  # what start-up made stays for good: no need to look through it again
            gc.set_threshold(*_COLLECT_AFTER)
            try:
                await run_components(components, stop)
            finally:
                if not stop.is_set():  # a component failed: closing is bounded all the same
                    last_resort.exit_within(EXIT_TIMEOUT)
    except asyncio.CancelledError:
        return 1
    except KakehashiError as error:
        log.error("the process ends", reason=str(error))  # noqa: TRY400 - the line says it all
        return 1
    except Exception:
        log.exception("the process ends because of a failure")
        return 1
    return 0


async def run_components(components: Sequence[Component], stop: asyncio.Event) -> None:
    """Run ``components`` until ``stop`` is set or one of them fails, then stop them in order.

    Raises:
        ComponentEndedError: one returned before its stop event was set.
        StopTimeoutError: some did not finish in time.
        Exception: what the first component to fail raised.
    """
    stops = [asyncio.Event() for _ in components]
    tasks = [
        asyncio.create_task(_named(component, event), name=component.name)
        for component, event in zip(components, stops, strict=True)
    ]
    waiting = asyncio.create_task(stop.wait(), name="stop")
    overdue: list[str] = []
    try:
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        early = [task for task in tasks if task.done()]
        deadline = asyncio.get_running_loop().time() + GRACE.total_seconds()
        for component, event, task in zip(components, stops, tasks, strict=True):
            event.set()
            if not await _finish(component, task, deadline):
                overdue.append(component.name)
    finally:
        waiting.cancel()
        await _end(tasks)
    for task in (*early, *tasks):
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error
    if overdue:
        raise StopTimeoutError(f"did not stop in time: {', '.join(overdue)}")
    if early and not stop.is_set():
        raise ComponentEndedError(f"{early[0].get_name()} ended by itself")


async def _named(component: Component, stop: asyncio.Event) -> None:
    log.info("started", component=component.name)
    await component.run(stop)
    log.info("stopped", component=component.name)


async def _finish(component: Component, task: asyncio.Task[None], deadline: float) -> bool:
    """Wait for ``task``, then cancel it; return whether it finished by itself."""
    left = max(0.0, deadline - asyncio.get_running_loop().time())
    grace = min(component.grace.total_seconds(), left)
    done, _ = await asyncio.wait([task], timeout=grace)
    if done:
        return True
    log.error("did not stop in time", component=component.name, grace_seconds=round(grace, 1))
    await _end([task])
    return False


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel ``tasks`` and wait a little; what does not even end then is said and left behind."""
    for task in tasks:
        task.cancel()
    _, left_behind = await asyncio.wait(tasks, timeout=CANCEL_TIMEOUT.total_seconds())
    for task in left_behind:
        log.error("does not even end when cancelled", component=task.get_name())


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> bool:
    """Do ``work``, and cancel it once ``stop`` is set; return whether it was finished.

    For what may take long before a component has anything in hand, such as to connect.
    """
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()  # without effect where it has finished
        await asyncio.gather(working, return_exceptions=True)
    if working.cancelled():
        return False
    working.result()
    return True
