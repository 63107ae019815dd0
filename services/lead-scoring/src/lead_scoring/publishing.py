"""Publish lead events from a command: many at a time, done when the broker has them all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from aiokafka.errors import KafkaError

from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.messaging.cloudevents import Outgoing
from kakehashi_common.messaging.producer import idempotent_producer
from kakehashi_common.messaging.settings import KafkaSettings
from lead_scoring.importing import Publish

ACKNOWLEDGED_WITHIN = timedelta(minutes=5)
"""How long a broker may be away before a command gives up; a restart takes one a few seconds."""


class NotPublishedError(RuntimeError):
    """The broker did not acknowledge; what it did acknowledge before is safe."""


@asynccontextmanager
async def publisher(
    settings: KafkaSettings,
    topic: str = LEAD_EVENTS.name,
    within: timedelta = ACKNOWLEDGED_WITHIN,
) -> AsyncIterator[Publish]:
    """Open an idempotent producer and yield the function that publishes with it.

    Raises:
        NotPublishedError: the broker can't be reached or does not acknowledge ``within`` the
            time; from the yielded function too.
    """
    producer = idempotent_producer(settings)
    try:
        await producer.start()
    except (KafkaError, OSError) as error:
        await producer.stop()
        raise NotPublishedError(f"no Kafka at {settings.bootstrap_servers}: {error}") from None

    async def publish(events: Sequence[Outgoing]) -> None:
        try:
            async with asyncio.timeout(within.total_seconds()):
                waiting = [
                    await producer.send(topic, event.value, event.key, headers=event.headers)
                    for event in events
                ]
                await asyncio.gather(*waiting)
        except TimeoutError:
            minutes = within / timedelta(minutes=1)
            raise NotPublishedError(
                f"Kafka at {settings.bootstrap_servers} did not answer for {minutes:g} minutes"
            ) from None
        except KafkaError as error:
            raise NotPublishedError(f"Kafka refused an event for {topic}: {error}") from None

    try:
        yield publish
    finally:
        # Nothing is left to send unless it failed; an unreachable broker must not hold the exit.
        await asyncio.wait({asyncio.ensure_future(producer.stop())}, timeout=5)
