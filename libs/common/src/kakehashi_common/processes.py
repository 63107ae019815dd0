"""One process, several components, one loop: started together, stopped in order, once.

A component works until its ``stop`` event is set, then finishes what it has in hand and returns.
Components stop one after the other in the order given: put what takes work in first (an API, a
consumer), what carries work out next (a relay), and the ops endpoints last, so that an operator
sees the process until its end.
"""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
import uvloop

from kakehashi_common.errors import KakehashiError

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=25)
"""How long one component may take to finish; below the 30 s after which Kubernetes kills."""


_COLLECT_AFTER = (50_000, 20, 20)
"""Python looks for garbage cycles once so many more objects live. A batch of events makes tens of
thousands and frees them by reference count; Python's own 700 spent 40 % of the consumer's time on
looking through them in vain."""


@dataclass(frozen=True, slots=True)
class Component:
    """Something that runs until it is told to stop."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]
    """Works until the event is set, then finishes what it has in hand and returns."""
    grace: timedelta = GRACE
    """After this it is cancelled."""


Assembly = Callable[[], AbstractAsyncContextManager[Sequence[Component]]]
"""Opens what the components need (engine, producer), yields them, and closes it afterwards."""


def run_all(components: Sequence[Component]) -> int:
    """Run components that need nothing opened first; otherwise as :func:`run`."""

    @asynccontextmanager
    async def assemble() -> AsyncIterator[Sequence[Component]]:
        yield components

    return run(assemble)


class ComponentEndedError(KakehashiError):
    """A component returned although nobody had told it to stop."""


def run(assemble: Assembly) -> int:
    """Run a process on uvloop until SIGTERM, SIGINT or the first failure of a component.

    Returns:
        The exit status: 0 after a signal, 1 after a failure (which has been logged).
    """
    return uvloop.run(_supervise(assemble))


async def _supervise(assemble: Assembly) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    current = asyncio.current_task()

    def on_signal(name: str) -> None:
        if stop.is_set() and current is not None:
            log.warning("stopping at once", signal=name)
            current.cancel()
            return
        log.info("stopping", signal=name)
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, on_signal, signum.name)
    try:
        async with assemble() as components:
            gc.freeze()  # what start-up made stays for good: no need to look through it again
            gc.set_threshold(*_COLLECT_AFTER)
            await run_components(components, stop)
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
        ComponentEndedError: one returned before it was told to stop.
        Exception: what the first component to fail raised.
    """
    stops = [asyncio.Event() for _ in components]
    tasks = [
        asyncio.create_task(_named(component, event), name=component.name)
        for component, event in zip(components, stops, strict=True)
    ]
    waiting = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        early = [task for task in tasks if task.done()]
        for component, event, task in zip(components, stops, tasks, strict=True):
            event.set()
            await _finish(component, task)
    finally:
        waiting.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
    for task in (*early, *tasks):
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    if early and not stop.is_set():
        raise ComponentEndedError(f"{early[0].get_name()} ended by itself")


async def _named(component: Component, stop: asyncio.Event) -> None:
    log.info("started", component=component.name)
    await component.run(stop)
    log.info("stopped", component=component.name)


async def _finish(component: Component, task: asyncio.Task[None]) -> None:
    done, _ = await asyncio.wait([task], timeout=component.grace.total_seconds())
    if not done:
        log.error("did not stop in time", component=component.name, grace=str(component.grace))
        task.cancel()
        await asyncio.wait([task])
