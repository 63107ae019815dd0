"""Publishes events to Kafka, and knows when the broker has them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from aiokafka.errors import KafkaError

from kakehashi_common.cloudevents.codec import Outgoing
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.producer import LazyProducer, acknowledged, idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings

ACKNOWLEDGE_TIMEOUT: Final = timedelta(seconds=10)
"""Time limit for the broker's acknowledgement; then the caller is asked to try again. A thousand
events take a fraction of a second; a broker that restarts takes some seconds."""


class EventPublisher:
    """Publishes to one topic. Nothing connects before the first use."""

    def __init__(
        self,
        kafka: KafkaSettings,
        topic: Topic,
        *,
        topic_prefix: str = "",
        acknowledged_within: timedelta = ACKNOWLEDGE_TIMEOUT,
    ) -> None:
        self.topic = topic_prefix + topic.name
        self._acknowledged_within = acknowledged_within.total_seconds()
        self._producer = LazyProducer(partial(idempotent_producer, kafka))

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Publish events, and return when all replicas have acknowledged all of them.

        Raises:
            TransientError: the broker did not acknowledge in time. Some events may have been
                stored, or may be stored yet: publish the same ones again, they count once.
        """
        producer = None
        try:
            async with asyncio.timeout(self._acknowledged_within):
                producer = await self._producer.started()
                await acknowledged(
                    producer.send(self.topic, event.value, event.key, headers=event.headers)
                    for event in events
                )
        except TimeoutError as error:
            # The producer keeps trying: it goes on by itself when the broker is back.
            raise TransientError(f"Kafka did not acknowledge {self.topic} in time") from error
        except Exception as error:
            if producer is not None and not getattr(error, "retriable", False):
                await self._producer.close(producer)
            if isinstance(error, KafkaError):
                raise TransientError(
                    f"Kafka does not take {self.topic}: {type(error).__name__} {error}"
                ) from error
            raise

    async def ping(self) -> None:
        """Prove that the broker answers and has the topic; for ``/readyz``.

        Raises:
            TransientError: it does not.
        """
        try:
            async with asyncio.timeout(self._acknowledged_within):
                producer = await self._producer.started()
                await producer.client.fetch_all_metadata()
                await producer.partitions_for(self.topic)
        except (KafkaError, TimeoutError) as error:
            raise TransientError(f"Kafka does not answer for {self.topic}: {error}") from error

    async def close(self) -> None:
        """Send what is left and stop; bounded, since the broker may be unavailable."""
        await self._producer.close()
