"""The test broker: topics that live as long as a test, and looking at what is in them.

It is the local stack's ``test`` instance (`.env.test` may name another broker). When none answers,
the test fails: `make test` always starts one.
"""

import dataclasses
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from kakehashi_common.cloudevents.codec import Outgoing, encode
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.contracts.topics import LEAD_EVENTS, Topic
from kakehashi_common.kafka import topics
from kakehashi_common.kafka.producer import acknowledged, idempotent_producer
from kakehashi_common.kafka.reader import topic_reader
from kakehashi_common.kafka.settings import KafkaSettings
from tests.support import stack
from tests.support.waiting import eventually

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"


class TestBroker:
    """One broker, and the topics that a test made on it."""

    __test__ = False

    def __init__(self, settings: KafkaSettings, admin: AIOKafkaAdminClient) -> None:
        self.settings = settings
        self.admin = admin
        self._made: list[str] = []
        self._reader: AIOKafkaConsumer | None = None

    async def topic(self, like: Topic = LEAD_EVENTS, *, partitions: int = 3) -> Topic:
        """Make a topic of its own for a test, and its dead-letter topic."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        made = dataclasses.replace(like, name=name, partitions=partitions, consumers=("tests",))
        await self.create([made])
        return made

    async def create(self, wanted: Iterable[Topic]) -> None:
        """Make topics and their dead-letter topics as they are declared."""
        made = topics.declared(wanted)
        await topics.apply(self.admin, made)
        self._made += [topic.name for topic in made]

    async def close(self) -> None:
        """Delete what was made."""
        if self._reader is not None:
            await self._reader.stop()
        if self._made:
            await self.admin.delete_topics(self._made)

    def producer(self) -> AIOKafkaProducer:
        """Return a producer to be opened by ``async with``."""
        return idempotent_producer(self.settings)

    async def publish(
        self, topic: Topic, records: Iterable[Outgoing], *, partition: int | None = None
    ) -> None:
        """Publish records as they are, and wait until the broker has them all."""
        async with self.producer() as producer:
            await acknowledged(
                producer.send(topic.name, r.value, r.key, headers=r.headers, partition=partition)
                for r in records
            )

    async def read(self, name: str, *, at_least: int = 0, within: float = 30.0) -> list[Record]:
        """Return everything in a topic, once it holds ``at_least`` records."""
        consumer = topic_reader(self.settings)
        await consumer.start()
        try:
            found = (await self.admin.describe_topics([name]))[0]["partitions"]
            partitions = [TopicPartition(name, p["partition"]) for p in found]
            consumer.assign(partitions)

            async def enough() -> bool:
                ends = await consumer.end_offsets(partitions)
                return int(sum(ends.values())) >= at_least

            await eventually(enough, within=within, what=f"{at_least} records in {name}")
            ends = await consumer.end_offsets(partitions)
            records: list[Record] = []
            while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records.extend(batch)
            return sorted(records, key=lambda r: (r.partition, r.offset))
        finally:
            await consumer.stop()

    async def ends(self, name: str) -> dict[TopicPartition, int]:
        """Return the offset behind the last record of each partition."""
        if self._reader is None:
            reader = topic_reader(self.settings)
            await reader.start()
            self._reader = reader
        found = (await self.admin.describe_topics([name]))[0]["partitions"]
        partitions = [TopicPartition(name, p["partition"]) for p in found]
        return dict(await self._reader.end_offsets(partitions))

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """Return a group's committed offsets."""
        offsets = await self.admin.list_consumer_group_offsets(group)
        return {tp: found.offset for tp, found in offsets.items()}


@asynccontextmanager
async def test_broker(
    settings: KafkaSettings | None = None,  # noqa: PT028 - no test, although so named
) -> AsyncIterator[TestBroker]:
    """Open the broker that tests use, or another one; whoever has none is told so."""
    settings = settings or KafkaSettings(bootstrap_servers=bootstrap_servers(), client_id="tests")
    try:
        async with topics.admin_client(settings) as admin:
            broker = TestBroker(settings, admin)
            try:
                yield broker
            finally:
                await broker.close()
    except KafkaConnectionError:
        pytest.fail(
            f"no Kafka at {settings.bootstrap_servers}: run "
            "`python deploy/local/stack.py --instance test up --only servers`"
        )


def silence(producer: AIOKafkaProducer) -> None:
    """Let a producer hear nothing more over its connections, as when the broker hangs."""
    for connection in producer.client._conns.values():  # noqa: SLF001 - aiokafka has no other way
        connection._writer.transport.pause_reading()  # noqa: SLF001 - same


def bootstrap_servers() -> str:
    """Return where the test broker is."""
    return stack.kafka()


def activity(number: int, *, lead: str | None = None, **data: Any) -> Event[ActivityRecorded]:
    """Return the ``number``-th of a row of page views, of one lead in seven unless told."""
    return Event(
        event_id=f"event-{number}",
        source="https://web.example.jp",
        occurred_at=datetime.now(UTC).replace(microsecond=0),
        data=ActivityRecorded(
            lead_id=lead or f"crm-{number % 7}", kind="page_viewed", category="pricing", **data
        ),
    )


def record(event: Event[Any]) -> Outgoing:
    """Return an event as its publisher sends it."""
    return encode(event, key=event.data.lead_id)


def broken(number: int, body: bytes = b"{not json") -> Outgoing:
    """Return a record whose body can't be read."""
    good = record(activity(number))
    return Outgoing(good.key, body, good.headers)
