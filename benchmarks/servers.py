"""The test servers as a run uses them: databases and topics of its own, gone afterwards."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from temporalio.client import Client

from benchmarks.load import Record
from kakehashi_common.clock import WallClock
from kakehashi_common.contracts.topics import LEAD_EVENTS, TOPICS
from kakehashi_common.db import Database
from kakehashi_common.kafka import topics
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import DatabaseSettings
from kakehashi_common.temporal.client import ping
from lead_scoring.bootstrap import install

PARTITIONS: Final = LEAD_EVENTS.partitions
_TIMEOUT: Final = 20.0


class NoServersError(Exception):
    """The environment names no servers."""


@dataclass(frozen=True, slots=True)
class Servers:
    """One run's part of Kafka, PostgreSQL and Temporal. All names start with ``bench``."""

    kafka: str
    postgres: str
    temporal: str
    run: str

    @classmethod
    def of_environment(cls) -> "Servers":
        """Those that ``stack.py exec`` names.

        Raises:
            NoServersError: it did not.
        """
        try:
            return cls(
                os.environ["KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS"],
                os.environ["KAKEHASHI_POSTGRES_URL"],
                os.environ["KAKEHASHI_TEMPORAL_ADDRESS"],
                f"bench-{secrets.token_hex(3)}",
            )
        except KeyError as error:
            raise NoServersError(f"{error} is not set: run `make bench`") from None

    def prefix(self, name: str) -> str:
        """Put before the names of a contestant's topics."""
        return f"{self.run}-{name}-"

    def admin(self) -> AdminClient:
        """Kafka's administrator."""
        return AdminClient({"bootstrap.servers": self.kafka})

    def consumer(self, **settings: Any) -> Consumer:
        """A Kafka consumer outside any group."""
        return Consumer(
            {
                "bootstrap.servers": self.kafka,
                "group.id": f"{self.run}-harness",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "log_level": 3,
            }
            | settings
        )

    def produce(self, topic: str, records: Iterable[Record]) -> int:
        """Produce ``records``, wait until the broker has them; return how many."""
        producer = Producer(
            {
                "bootstrap.servers": self.kafka,
                "acks": "all",
                "enable.idempotence": True,
                "linger.ms": 20,
                "batch.size": 262_144,
                "queue.buffering.max.messages": 1_000_000,
                "delivery.report.only.error": True,
                "log_level": 4,
                # Java's way to place a key, which aiokafka has too.
                "partitioner": "murmur2_random",
            }
        )
        count = 0
        for key, value, headers in records:
            producer.produce(topic, value, key, headers=headers)
            count += 1
            if count % 1000 == 0:
                producer.poll(0)
        if left := producer.flush(120):
            raise RuntimeError(f"Kafka did not take {left} of {count} events")
        return count

    def end_offsets(self, topic: str) -> dict[int, int]:
        """Where each partition of ``topic`` ends."""
        consumer = self.consumer()
        try:
            return {
                partition: consumer.get_watermark_offsets(
                    TopicPartition(topic, partition), timeout=_TIMEOUT
                )[1]
                for partition in range(PARTITIONS)
            }
        finally:
            consumer.close()

    def make_topics(self, prefix: str) -> None:
        """Create every topic of the platform with ``prefix`` before its name."""

        async def make() -> None:
            prefixed = [replace(topic, name=prefix + topic.name) for topic in TOPICS]
            settings = KafkaSettings(bootstrap_servers=self.kafka)
            async with topics.admin_client(settings) as admin:
                await topics.apply(admin, topics.declared(prefixed))

        asyncio.run(make())

    def drop_topics(self) -> None:
        """Delete every topic and group of this run."""
        admin = self.admin()
        names = admin.list_topics(timeout=_TIMEOUT).topics
        own = [name for name in names if self.run in name]
        if own:
            for deleted in admin.delete_topics(own, operation_timeout=_TIMEOUT).values():
                deleted.result()
        groups = admin.list_consumer_groups(request_timeout=_TIMEOUT).result().valid
        own = [group.group_id for group in groups if self.run in group.group_id]
        if own:
            for deleted in admin.delete_consumer_groups(own, request_timeout=_TIMEOUT).values():
                deleted.exception()  # a group that a killed peer left is gone by itself later

    def database_name(self, name: str) -> str:
        """The name of a database of this run."""
        return f"{self.run}-{name}".replace("-", "_")

    def url(self, name: str) -> str:
        """The URL of :meth:`database_name`."""
        parts = urlsplit(self.postgres)
        return urlunsplit((*parts[:2], "/" + self.database_name(name), *parts[3:]))

    @contextmanager
    def database(self, name: str, template: str | None = None) -> Iterator[str]:
        """A database, a copy of ``template`` if one is named; dropped afterwards. Its URL."""
        own = self.database_name(name)
        copied = f' template "{self.database_name(template)}"' if template else ""
        self.sql(self.postgres, f'create database "{own}"{copied}', "checkpoint")
        try:
            yield self.url(name)
        finally:
            self.sql(self.postgres, f'drop database if exists "{own}" with (force)')

    @contextmanager
    def our_database(self, name: str) -> Iterator[str]:
        """A database with the schema of lead-scoring and the rules that ship; its URL."""

        async def migrate(url: str) -> None:
            database = Database(DatabaseSettings(url=url), application="benchmarks")
            try:
                await install(database, WallClock())
            finally:
                await database.close()

        with self.database(name) as url:
            asyncio.run(migrate(url))
            yield url

    def sql(self, url: str, *statements: str) -> Any:
        """Execute statements one by one; the first value of the last one's rows."""

        async def execute() -> Any:
            connection = await asyncpg.connect(url)
            try:
                for statement in statements[:-1]:
                    await connection.execute(statement)
                return await connection.fetchval(statements[-1])
            finally:
                await connection.close()

        return _run(execute)


def _run(call: Callable[[], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        return await call()

    return asyncio.run(main())


class _Settings(Protocol):
    @property
    def database(self) -> DatabaseSettings: ...


class _UsesTemporal(Protocol):
    @property
    def temporal(self) -> Client: ...


S = TypeVar("S", bound=_Settings)
C = TypeVar("C", bound=_UsesTemporal)


@asynccontextmanager
async def opened(container: Callable[[S, Database], C], settings: S) -> AsyncIterator[C]:
    """A service's use cases, for use in this process; Temporal is connected to."""
    database = Database(settings.database, application="benchmarks")
    try:
        made = container(settings, database)
        await ping(made.temporal)  # connects before anything is measured
        yield made
    finally:
        await database.close()
