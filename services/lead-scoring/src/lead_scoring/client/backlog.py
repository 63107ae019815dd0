"""Measures the backlog: records that a group has not read, messages in the outbox."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sqlalchemy import func, select

from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.reader import topic_reader
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.kafka.topics import admin_client
from lead_scoring.tables import outbox_table

LOOK_EVERY = timedelta(milliseconds=200)


class NotDrainedError(RuntimeError):
    """Something was still on its way at the deadline."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The backlog at one moment."""

    published: int
    """Records in the topic."""
    unread: int
    """Records that the group has not committed."""
    unsent: int
    """Messages in the outbox."""


class Backlog:
    """Looks at one topic, one group and one outbox."""

    def __init__(
        self,
        admin: AIOKafkaAdminClient,
        consumer: AIOKafkaConsumer,
        database: Database,
        topic: str,
        group: str,
    ) -> None:
        self._admin = admin
        self._consumer = consumer
        self._database = database
        self._topic = topic
        self._group = group

    async def now(self) -> Waiting:
        """Return the backlog."""
        found = (await self._admin.describe_topics([self._topic]))[0]["partitions"]
        partitions = [TopicPartition(self._topic, each["partition"]) for each in found]
        ends = await self._consumer.end_offsets(partitions)
        starts = await self._consumer.beginning_offsets(partitions)
        committed = await self._admin.list_consumer_group_offsets(self._group)
        unread = 0
        for partition in partitions:
            reached = committed[partition].offset if partition in committed else -1
            unread += ends[partition] - max(reached, starts[partition])
        async with self._database.transaction() as connection:
            unsent = await connection.scalar(select(func.count()).select_from(outbox_table))
        return Waiting(sum(ends.values()) - sum(starts.values()), unread, unsent or 0)

    async def end_of(self, topic: str) -> int:
        """Return how many records ``topic`` has ever had."""
        found = (await self._admin.describe_topics([topic]))[0]["partitions"]
        partitions = [TopicPartition(topic, each["partition"]) for each in found]
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(partitions)
        return sum(ends.values())

    async def drained(self, within: timedelta, on_progress: Callable[[Waiting], None]) -> None:
        """Wait until everything was read and sent.

        Raises:
            NotDrainedError: something was left ``within`` the time; says what.
        """
        deadline = time.monotonic() + within.total_seconds()
        while True:
            waiting = await self.now()
            on_progress(waiting)
            if not waiting.unread and not waiting.unsent:
                return
            if time.monotonic() > deadline:
                raise NotDrainedError(
                    f"after {within.total_seconds():.0f} s {waiting.unread:,} events were unscored"
                    f" and {waiting.unsent:,} messages unsent: see `make logs`"
                )
            await asyncio.sleep(LOOK_EVERY.total_seconds())


@asynccontextmanager
async def backlog(
    kafka: KafkaSettings, database: Database, topic: str, group: str
) -> AsyncIterator[Backlog]:
    """Open what is needed to look.

    Raises:
        TransientError: Kafka is unavailable; from the block too.
    """
    try:
        async with admin_client(kafka) as admin:
            consumer = topic_reader(kafka)
            try:
                await consumer.start()
                yield Backlog(admin, consumer, database, topic, group)
            finally:
                await consumer.stop()
    except KafkaError as error:
        raise TransientError(f"Kafka at {kafka.bootstrap_servers}: {error}") from error
