"""The test Temporal, and workers that live as long as a test."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from kakehashi_common.errors import TransientError
from kakehashi_common.settings import CodecKey, TemporalSettings
from kakehashi_common.temporal.client import connect
from kakehashi_common.temporal.search_attributes import register_search_attributes
from tests.support import stack
from tests.support.workers import unhurried_worker


@dataclass(frozen=True)
class TestTemporal:
    """A client, and names that no other test has."""

    __test__ = False

    client: Client
    prefix: str
    """Before ids of workflows and schedules."""

    @property
    def task_queue(self) -> str:
        return f"{self.prefix}work"

    @asynccontextmanager
    async def worker(
        self,
        workflows: Sequence[type],
        activities: Sequence[Callable[..., Any]],
        passed_through: Sequence[str] = (),
        permanent_errors: Sequence[type[Exception]] = (),
    ) -> AsyncIterator[Worker]:
        """Work on the queue until the block ends."""
        worker = unhurried_worker(
            self.client,
            self.task_queue,
            workflows=workflows,
            activities=activities,
            passed_through=passed_through,
            permanent_errors=permanent_errors,
        )
        async with worker:
            yield worker


async def temporal_server(codec_keys: tuple[CodecKey, ...] = ()) -> TestTemporal:
    """Connect to the Temporal that tests use; whoever has none is told so."""
    address = stack.temporal()
    settings = TemporalSettings(address=address, codec_keys=codec_keys)
    try:
        client = await asyncio.wait_for(connect(settings), timeout=10)
    except (TransientError, TimeoutError):
        pytest.fail(
            f"no Temporal at {address}: run "
            "`python deploy/local/stack.py --instance test up --only servers`"
        )
    await register_search_attributes(client)  # a server of yesterday hasn't today's
    return TestTemporal(client, f"test-{uuid.uuid4().hex[:12]}/")


async def terminate_all(client: Client, task_queue: str) -> None:
    """Leave no workflow of a task queue behind."""
    running = f"ExecutionStatus='Running' and TaskQueue='{task_queue}'"
    async for each in client.list_workflows(running):
        with suppress(RPCError):
            await client.get_workflow_handle(each.id).terminate()
