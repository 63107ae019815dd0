"""Workers: run workflows and activities until stopped, then finish what is under way."""

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from kakehashi_common import metrics
from kakehashi_common.errors import FaultError, KakehashiError, PermanentError, TransientError
from kakehashi_common.processes import Component
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import connect_when_available, ping
from kakehashi_common.temporal.codec import TolerantCodec
from kakehashi_common.temporal.error_boundary import ActivityErrors
from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT, Heartbeats
from kakehashi_common.temporal.stuck import STUCK, StuckWorkflows, stuck_workflows

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=20)
"""Time limit for running activities on shutdown; below a component's grace."""

MAX_CONCURRENT_TASKS = 20
"""Workflow tasks, and activities of each kind, under way at a time. One Python process gets no
faster by more, but each takes longer; a workflow task that takes 10 s is done again from the start,
and a thousand workflows that wake at once would never be through."""

STUCK_INTERVAL = timedelta(seconds=30)
"""Interval between two counts of stuck workflows."""

_PACKAGE = "kakehashi_common"

PASSED_THROUGH = (
    _PACKAGE,
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "opentelemetry",
)
"""Modules that every workflow run shares instead of importing them again in its sandbox: they are
deterministic for what a workflow does with them, and slow to import."""


def make_worker(  # noqa: PLR0913 - by name, and few of those of the SDK's
    client: Client,
    task_queue: str,
    *,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Any]],
    passed_through: Sequence[str] = (),
    permanent_errors: Sequence[type[Exception]] = (),
    max_cached_workflows: int = 1000,
    debug_mode: bool = False,
) -> Worker:
    """Return a worker that shuts down gracefully and traces as its ``client`` does.

    Args:
        client: of the worker.
        task_queue: where its work comes from.
        workflows: workflow classes.
        activities: activity callables.
        passed_through: further modules that are safe to share between workflow runs, such as a
            service's ``domain``.
        permanent_errors: errors of the service's domain that end an activity, as every
            ``PermanentError`` does. In a workflow they fail it, or its update; its task is not
            retried for ever.
        max_cached_workflows: of so many it keeps the state in memory; others are replayed from
            their histories when they wake.
        debug_mode: the SDK's: without the deadlock detector, which fails a workflow task that
            takes two seconds, however busy other processes keep the processor.
    """
    return Worker(
        _tolerant(client),
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        graceful_shutdown_timeout=GRACE,
        workflow_failure_exception_types=[PermanentError, *permanent_errors],
        max_cached_workflows=max_cached_workflows,
        debug_mode=debug_mode,
        max_concurrent_workflow_tasks=MAX_CONCURRENT_TASKS,
        max_concurrent_activities=MAX_CONCURRENT_TASKS,
        max_concurrent_local_activities=MAX_CONCURRENT_TASKS,
        build_id=build_id(workflows),
        interceptors=[ActivityErrors(permanent_errors), Heartbeats()],
        sticky_queue_schedule_to_start_timeout=HEARTBEAT_TIMEOUT,
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(
                *PASSED_THROUGH, *passed_through
            )
        ),
    )


def _tolerant(client: Client) -> Client:
    """Return the client for a worker, which goes on when it can't decrypt a message."""
    config = client.config()
    converter = client.data_converter
    if converter.payload_codec is not None:
        tolerant = TolerantCodec(converter.payload_codec)
        config["data_converter"] = replace(converter, payload_codec=tolerant)
    return Client(**config)


def build_id(workflows: Sequence[type]) -> str:
    """Return what Temporal shows as the code that runs: a digest of all that workflows may run.

    That is every module of the packages that the workflows are in, and of this one: a workflow runs
    its service's domain, its messages, and our own converters and search attributes. The SDK's
    default hashes every imported module: seconds of processor time at each start, and another id
    whenever a dependency changes.
    """
    packages = {workflow.__module__.partition(".")[0] for workflow in workflows} | {_PACKAGE}
    digest = hashlib.blake2b(digest_size=8)
    for folder in sorted(each for package in packages for each in _folders(package)):
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(folder).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _folders(package: str) -> list[Path]:
    return [Path(each) for each in sys.modules[package].__path__]


class TemporalWorker:
    """A worker as a component of a process; it waits until Temporal is there."""

    def __init__(
        self,
        settings: TemporalSettings,
        *,
        workflows: Sequence[type],
        activities: Sequence[Callable[..., Any]],
        passed_through: Sequence[str] = (),
        permanent_errors: Sequence[type[Exception]] = (),
        on_connected: Callable[[Client], Any] | None = None,
    ) -> None:
        """Prepare; nothing connects before :meth:`run`.

        Args:
            settings: where Temporal is, and the task queue.
            workflows: workflow classes.
            activities: activity callables, such as bound methods of a class that holds clients.
            passed_through: see :func:`make_worker`.
            permanent_errors: see :func:`make_worker`.
            on_connected: awaited once with the client before work starts, to create schedules.
        """
        self._settings = settings
        self._workflows = workflows
        self._activities = activities
        self._passed_through = passed_through
        self._permanent_errors = permanent_errors
        self._on_connected = on_connected
        self._client: Client | None = None
        self._stuck = StuckWorkflows(0)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set."""
        client = await connect_when_available(self._settings, stop)
        if client is None:
            return
        if self._on_connected is not None:
            await self._on_connected(client)
        self._client = client
        worker = make_worker(
            client,
            self._settings.task_queue,
            workflows=self._workflows,
            activities=self._activities,
            passed_through=self._passed_through,
            permanent_errors=self._permanent_errors,
            max_cached_workflows=self._settings.max_cached_workflows,
        )
        working = asyncio.create_task(worker.run())
        stopping = asyncio.create_task(stop.wait())
        watching = asyncio.create_task(self._watch(client))
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await worker.shutdown()
            await working
        finally:
            stopping.cancel()
            watching.cancel()
            self._client = None

    async def ping(self) -> None:
        """Prove that Temporal answers; for ``/readyz``.

        Raises:
            TransientError: it does not.
        """
        if self._client is None:
            raise TransientError("the worker has no connection to Temporal yet")
        await ping(self._client)

    async def ping_workflows(self) -> None:
        """Prove that no workflow of the task queue is stuck; for ``/readyz``.

        Raises:
            FaultError: some are (``workflow_stuck``).
        """
        if self._stuck.number:
            said = str(self._stuck)
            raise FaultError(said, code=STUCK, public=said)

    def checks(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Return what ``/readyz`` of a worker's process asks about it."""
        return {"temporal": self.ping, "workflows": self.ping_workflows}

    async def _watch(self, client: Client) -> None:
        """Count the stuck workflows of the task queue, again and again."""
        queue = self._settings.task_queue
        refused = ""
        while True:
            try:
                self._stuck = await stuck_workflows(client, queue)
            except TransientError:
                pass  # as `ping` says
            except KakehashiError as error:
                self._stuck = StuckWorkflows(0)  # what was known may be long over
                if str(error) != refused:
                    log.warning("stuck workflows can't be counted", reason=str(error))
                refused = str(error)
            metrics.TEMPORAL_STUCK.set(self._stuck.number, {"task_queue": queue})
            if self._stuck.number:
                log.error(str(self._stuck))
            await asyncio.sleep(STUCK_INTERVAL.total_seconds())

    def component(self, name: str = "worker") -> Component:
        """Return this worker as a component of a process."""
        return Component(name=name, run=self.run)
