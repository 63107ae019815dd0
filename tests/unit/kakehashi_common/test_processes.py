import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from kakehashi_common.processes import Component, ComponentEndedError, run_components


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


async def test_a_component_that_does_not_stop_in_time_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def hang(_: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    stop = asyncio.Event()
    stop.set()
    story = Story()

    await run_components(
        [Component("hangs", hang, grace=timedelta(milliseconds=10)), story.component("ops")], stop
    )

    assert cancelled.is_set()
    assert story.lines == ["ops finishes", "ops is done"]


PROCESS = textwrap.dedent(
    """
    import asyncio, sys
    from contextlib import asynccontextmanager
    from kakehashi_common.processes import Component, run

    async def work(stop):
        print("ready", flush=True)
        await stop.wait()
        if sys.argv[1] == "hang":
            print("hanging", flush=True)
            await asyncio.Event().wait()
        if sys.argv[1] == "fail":
            raise ValueError("broken")
        print("finished", flush=True)

    @asynccontextmanager
    async def assemble():
        yield [Component("work", work)]
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
        stderr=asyncio.subprocess.DEVNULL,
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


async def test_a_second_signal_stops_at_once() -> None:
    async with process("hang") as child:
        await until(child, "ready")
        child.send_signal(signal.SIGTERM)
        await until(child, "hanging")
        child.send_signal(signal.SIGTERM)

        assert await child.wait() == 1
