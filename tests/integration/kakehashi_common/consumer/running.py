"""A consumer that runs beside a test, and a handler that remembers."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from typer.testing import CliRunner

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.consumer.lifecycle import Consumer
from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.dead_letters.commands import cli
from tests.support.kafka import TestBroker

QUICK = ConsumerSettings(
    max_records=100,
    session_timeout_seconds=6,
    rebalance_timeout_seconds=6,
    stop_timeout_seconds=5,
    retry_budget_seconds=20,
)


class Remembering:
    """A handler that keeps the ids it was given, after asking whoever wants to object."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.batches: list[list[str]] = []
        self.objection: Callable[[Sequence[Received[Any]]], Awaitable[None]] | None = None

    async def __call__(self, events: Sequence[Received[Any]]) -> None:
        if self.objection is not None:
            await self.objection(events)
        ids = [received.event.event_id for received in events]
        self.batches.append(ids)
        self.ids += ids


class Running:
    """A consumer in a task of its own."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(consumer.run(self.stop))

    async def end(self) -> None:
        """Stop in order; raises what the consumer raised."""
        self.stop.set()
        async with asyncio.timeout(30):
            await self.task


@asynccontextmanager
async def running(consumer: Consumer) -> AsyncIterator[Running]:
    """Run a consumer for the length of a block."""
    run = Running(consumer)
    try:
        yield run
    finally:
        if not run.task.done():
            await run.end()


async def command(broker: TestBroker, *arguments: str) -> tuple[int, str]:
    """Run a command of `dlq`; return its exit status and what it said."""
    environment = {
        "KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS": broker.settings.bootstrap_servers,
        "COLUMNS": "200",
    }
    # in a thread of its own, since it runs an event loop of its own
    result = await asyncio.to_thread(CliRunner().invoke, cli, arguments, env=environment)
    return result.exit_code, result.output


def group() -> str:
    """Return the name of a consumer group that nobody has used."""
    return f"test-group-{uuid.uuid4().hex[:8]}"


__all__ = ["QUICK", "BatchConsumer", "Remembering", "Running", "command", "group", "running"]
