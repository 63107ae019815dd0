"""Looks at what a topic holds, outside of any group and by position."""

from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from kakehashi_common.errors import NotFoundError
from kakehashi_common.kafka import prompt_close, record_batches
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.kafka.topics import admin_client

_READ_MILLISECONDS = 500


def topic_reader(settings: KafkaSettings, **overrides: Any) -> AIOKafkaConsumer:
    """Return a consumer that reads from the beginning what was committed; not started yet.

    Polling it raises :class:`record_batches.UnreadableBatchError` where a batch can't be unpacked.
    "Caught up" is a comparison of *positions* with ``end_offsets``: the end of a transaction takes
    an offset and is never returned.
    """
    prompt_close.install()
    record_batches.install()
    arguments: dict[str, Any] = {
        "group_id": None,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
    }
    return AIOKafkaConsumer(**settings.client_arguments(), **(arguments | overrides))


async def partitions_of(settings: KafkaSettings, topic: str) -> list[TopicPartition]:
    """Return a topic's partitions.

    Raises:
        NotFoundError: there is no such topic.
    """
    async with admin_client(settings) as admin:
        if topic not in await admin.list_topics():
            raise NotFoundError(f"there is no topic {topic}")
        [described] = await admin.describe_topics([topic])
    return [
        TopicPartition(topic, n) for n in sorted(p["partition"] for p in described["partitions"])
    ]


async def held_records(
    settings: KafkaSettings, topic: str, positions: dict[TopicPartition, int] | None = None
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """Yield every record that a topic holds now, partition by partition in order.

    Read it to its end: a generator left half-read closes its consumer late.

    Args:
        settings: How to reach Kafka.
        topic: Its name.
        positions: Where to begin, absent partitions at their beginning; moved along, so that the
            next call goes on from there.

    Raises:
        NotFoundError: there is no such topic.
        KafkaError: it can't be read.
    """
    positions = {} if positions is None else positions
    partitions = await partitions_of(settings, topic)
    consumer = topic_reader(settings)
    try:
        await consumer.start()
        for partition in partitions:
            consumer.assign([partition])
            if partition in positions:
                consumer.seek(partition, positions[partition])
            end = (await consumer.end_offsets([partition]))[partition]
            while await consumer.position(partition) < end:
                polled = await consumer.getmany(timeout_ms=_READ_MILLISECONDS)
                for record in polled.get(partition, ()):
                    if record.offset < end:
                        yield record
            positions[partition] = end
    finally:
        await consumer.stop()
