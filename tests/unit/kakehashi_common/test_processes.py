import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from kakehashi_common import processes
from kakehashi_common.processes import (
    Component,
    ComponentEndedError,
    StopTimeoutError,
    run_components,
    unless_stopped,
)


class Story:
    """Components that write down what happens to them."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def component(self, name: str) -> Component:
        async def run(stop: asyncio.Event) -> None:
            await stop.wait()
            self.lines.append(f"{name} finishes")
            await asyncio.sleep(0)
            self.lines.append(f"{name} is done")

        return Component(name, run)


async def test_components_stop_one_after_the_other_in_the_order_given() -> None:
    story = Story()
    stop = asyncio.Event()
    stop.set()

    await run_components([story.component(n) for n in ("api", "relay", "ops")], stop)

    assert story.lines == [
        "api finishes",
        "api is done",
        "relay finishes",
        "relay is done",
        "ops finishes",
        "ops is done",
    ]


async def test_a_failure_stops_the_others_in_order_and_is_raised() -> None:
    story = Story()

    async def fail(_: asyncio.Event) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await run_components(
            [story.component("api"), Component("relay", fail), story.component("ops")],
            asyncio.Event(),
        )

    assert story.lines == ["api finishes", "api is done", "ops finishes", "ops is done"]


async def test_a_component_that_ends_by_itself_ends_the_process() -> None:
    async def end(_: asyncio.Event) -> None:
        return

    with pytest.raises(ComponentEndedError, match="worker ended by itself"):
        await run_components([Component("worker", end)], asyncio.Event())


async def test_a_component_that_does_not_stop_in_time_is_cancelled_and_named() -> None:
    cancelled = asyncio.Event()

    async def hang(_: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    stop = asyncio.Event()
    stop.set()
    story = Story()

    with pytest.raises(StopTimeoutError, match="in time: hangs"):
        await run_components(
            [Component("hangs", hang, grace=timedelta(milliseconds=10)), story.component("ops")],
            stop,
        )

    assert cancelled.is_set()
    assert story.lines == ["ops finishes", "ops is done"]


async def test_components_share_one_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", timedelta(milliseconds=20))

    async def hang(_: asyncio.Event) -> None:
        await asyncio.Event().wait()

    stop = asyncio.Event()
    stop.set()
    with pytest.raises(StopTimeoutError, match="in time: api, consumer, relay"):
        await run_components(
            [Component(name, hang) for name in ("api", "consumer", "relay")],
            stop,  # their own grace of 25 s each would outlast the test
        )


async def test_a_component_that_can_not_be_cancelled_is_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "CANCEL_TIMEOUT", timedelta(milliseconds=10))
    freed = asyncio.Event()

    async def stubborn(_: asyncio.Event) -> None:
        while not freed.is_set():
            with suppress(asyncio.CancelledError):
                await freed.wait()

    stop = asyncio.Event()
    stop.set()
    story = Story()
    with pytest.raises(StopTimeoutError, match="in time: stubborn"):
        await run_components(
            [
                Component("stubborn", stubborn, grace=timedelta(milliseconds=10)),
                story.component("ops"),
            ],
            stop,
        )
    freed.set()

    assert story.lines == ["ops finishes", "ops is done"]


PROCESS = textwrap.dedent(
    """
    import asyncio, sys, time
    from contextlib import asynccontextmanager, suppress
    from datetime import timedelta
    from kakehashi_common import processes
    from kakehashi_common.processes import Component, run

    if sys.argv[1].startswith("hang "):
        processes.GRACE = processes.CANCEL_TIMEOUT = timedelta(milliseconds=100)
        processes.EXIT_TIMEOUT = timedelta(seconds=2)

    async def work(stop):
        print("ready", flush=True)
        await stop.wait()
        if sys.argv[1] == "hang":
            print("hanging", flush=True)
            await asyncio.Event().wait()
        if sys.argv[1] == "hang in work":
            await asyncio.Event().wait()
        while sys.argv[1] == "hang in work that can't be cancelled":
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        if sys.argv[1] == "hang in the loop":
            time.sleep(1000)
        if sys.argv[1] in {"fail", "hang in closing after a failure"}:
            raise ValueError("broken")
        print("finished", flush=True)

    @asynccontextmanager
    async def assemble():
        try:
            yield [Component("work", work)]
        finally:
            if sys.argv[1].startswith("hang in closing"):
                await asyncio.Event().wait()
            if sys.argv[1] == "hang in a thread":
                await asyncio.to_thread(time.sleep, 1000)
        print("closed", flush=True)

    sys.exit(run(assemble))
    """
)


@asynccontextmanager
async def process(behaviour: str) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROCESS,
        behaviour,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def until(child: asyncio.subprocess.Process, wanted: str) -> list[str]:
    """Read lines up to the one that contains ``wanted``."""
    assert child.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(60):
        while not lines or wanted not in lines[-1]:
            line = (await child.stdout.readline()).decode()
            assert line, f"ended before {wanted!r}: {lines}"
            lines.append(line.strip())
    return lines


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_the_work_finish_and_exits_with_0(signum: signal.Signals) -> None:
    async with process("finish") as child:
        await until(child, "ready")
        child.send_signal(signum)
        lines = await until(child, "closed")

        assert any(line == "finished" for line in lines)
        assert await child.wait() == 0


async def test_a_failure_exits_with_1() -> None:
    async with process("fail") as child:
        await until(child, "ready")
        child.send_signal(signal.SIGTERM)

        assert await child.wait() == 1


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("hang in work", "did not stop in time: work"),
        ("hang in work that can't be cancelled", "although it could not stop in order"),
        ("hang in the loop", "although it could not stop in order"),
        ("hang in closing", "although it could not stop in order"),
        ("hang in closing after a failure", "although it could not stop in order"),
        ("hang in a thread", "although it could not stop in order"),
    ],
)
async def test_whatever_hangs_a_signal_ends_the_process_with_1_and_a_reason(
    behaviour: str, said: str
) -> None:
    async with process(behaviour) as child:
        await until(child, "ready")
        child.send_signal(signal.SIGTERM)
        await until(child, said)

        assert await asyncio.wait_for(child.wait(), timeout=30) == 1


async def test_a_second_signal_stops_at_once() -> None:
    async with process("hang") as child:
        await until(child, "ready")
        child.send_signal(signal.SIGTERM)
        await until(child, "hanging")
        child.send_signal(signal.SIGTERM)

        assert await child.wait() == 1


async def test_work_is_done_unless_it_is_to_stop() -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append("done")

    assert await unless_stopped(asyncio.Event(), work())
    assert done == ["done"]


async def test_work_that_waits_ends_as_soon_as_it_is_to_stop() -> None:
    stop, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.timeout(5):
        assert not await unless_stopped(stop, work())
    assert ended.is_set()


async def test_work_that_fails_is_not_taken_for_stopped() -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await unless_stopped(asyncio.Event(), work())
