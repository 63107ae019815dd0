"""Starts per second: workflows that do nothing, and real budget cycles until they all stand."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from benchmarks.calendars.floor import DoNothingWorkflow
from benchmarks.calendars.installation import AUTHOR, Installation
from benchmarks.contestants import Contestant, running
from benchmarks.servers import Servers
from benchmarks.watching import Cpu, Ends, Throughput, looks
from budget_calendar.notifications import repository as notifications
from budget_calendar.notifications.service import Notifier
from kakehashi_common.temporal.fan_out import MAX_CONCURRENT_CALLS

_EVERY = 0.1
"""Seconds between two looks at the topic and at Temporal: rarely, for both are busy."""

_NAMESPACE = "default"


@dataclass(frozen=True, slots=True)
class Starts:
    """The rate of workflow starts, and the time until all were in the expected state."""

    started: Throughput
    """Until the server has taken the last start; CPU until :attr:`done_seconds`."""
    done_seconds: float
    """From the first start until the last workflow has ended (floor), or until the phase of the
    last municipality can be read from Kafka (ours)."""


def floor(servers: Servers, name: str, codes: Sequence[str]) -> Starts:
    """Start a workflow that does nothing for each of ``codes``."""
    queue = servers.prefix(name)
    command = (
        *("benchmarks.calendars.floor", "--address", servers.temporal),
        *("--namespace", _NAMESPACE, "--task-queue", queue),
    )
    with running("no-op worker", command) as worker:
        return asyncio.run(_floor(servers, queue, codes, worker))


async def _floor(servers: Servers, queue: str, codes: Sequence[str], worker: Contestant) -> Starts:
    client = await Client.connect(servers.temporal, namespace=_NAMESPACE)

    async def start(code: str) -> None:
        await client.start_workflow(
            DoNothingWorkflow.run,
            code,
            id=f"{queue}{code}",
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="look_again",
        )

    async def ended() -> int:
        counted = await client.count_workflows(
            f"TaskQueue = '{queue}' and ExecutionStatus = 'Completed'"
        )
        return counted.count

    await start("warm-up")
    await _until(ended, 1, worker)
    cpu = Cpu(servers, None, worker, temporal=True)
    begun = time.perf_counter()
    await at_once([start(code) for code in codes])
    seconds = time.perf_counter() - begun
    await _until(ended, len(codes) + 1, worker)
    done = time.perf_counter() - begun
    return Starts(Throughput(len(codes), seconds, cpu.used()), done)


def ours(
    installation: Installation, codes: Sequence[str], worker: Contestant, relay: Contestant
) -> Starts:
    """Follow ``codes`` and start their budget cycles."""
    return asyncio.run(_ours(installation, codes, worker, relay))


async def _ours(
    installation: Installation, codes: Sequence[str], worker: Contestant, relay: Contestant
) -> Starts:
    servers = installation.servers
    published = Ends(servers.admin(), installation.topic)
    async with installation.opened() as opened:
        opened.notifier = Notifier(opened.database, None)  # the benchmark itself notifies
        await opened.follows.follow(codes, AUTHOR)
        async with opened.database.transaction() as connection:
            pending = await notifications.find_pending(connection, None, len(codes))
        cpu = await asyncio.to_thread(
            Cpu, servers, installation.database_url, worker, relay, temporal=True
        )
        begun = time.perf_counter()
        await opened.notification_client.notify(pending)
        seconds = time.perf_counter() - begun
        async with opened.database.transaction() as connection:
            await notifications.record_notified(connection, pending)

        async def readable() -> int:
            return await asyncio.to_thread(published.readable)

        await _until(readable, len(codes), worker, relay)
        done = time.perf_counter() - begun
        used = await asyncio.to_thread(cpu.used)
    return Starts(Throughput(len(codes), seconds, used), done)


async def at_once(
    calls: Sequence[Coroutine[Any, Any, None]], most: int = MAX_CONCURRENT_CALLS
) -> None:
    """Await all of ``calls``, by default as many at a time as ``NotificationClient``."""
    room = asyncio.Semaphore(most)

    async def one(call: Coroutine[Any, Any, None]) -> None:
        async with room:
            await call

    async with asyncio.TaskGroup() as tasks:
        for call in calls:
            tasks.create_task(one(call))


async def _until(
    counted: Callable[[], Coroutine[Any, Any, int]], wanted: int, *busy: Contestant
) -> None:
    """Wait until as many as ``wanted`` are counted.

    Raises:
        ContestantError: one has ended, or it took too long.
    """
    for _ in looks(*busy, every=0):
        if await counted() >= wanted:
            break
        await asyncio.sleep(_EVERY)
