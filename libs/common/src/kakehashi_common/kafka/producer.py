"""A producer that neither loses nor repeats a record."""

from typing import Any

from aiokafka import AIOKafkaProducer

from kakehashi_common.contracts.topics import DEAD_LETTER_RECORD_BYTES
from kakehashi_common.kafka.diagnostics import explain_unreachable
from kakehashi_common.kafka.metadata_throttle import throttle_metadata
from kakehashi_common.kafka.settings import KafkaSettings

LINGER_MS = 5
"""How long a record may wait for others to share a request with; batches fill up under load."""

BATCH_BYTES = 131_072
"""Bytes per partition and request; a few hundred events."""


def idempotent_producer(settings: KafkaSettings, **overrides: Any) -> AIOKafkaProducer:
    """Return a producer that waits for all replicas and numbers its records; not started yet.

    An idempotent aiokafka producer retries for ever while the broker is away: bound the wait with
    ``asyncio.timeout``. After a record that the broker refused (too large, say) the numbering has
    a gap and every later send to that partition fails: stop it and make a new one.

    Args:
        settings: How to reach Kafka.
        overrides: Other arguments of ``AIOKafkaProducer``.
    """
    arguments: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": LINGER_MS,
        "max_batch_size": BATCH_BYTES,
        "max_request_size": DEAD_LETTER_RECORD_BYTES,
    }
    producer = AIOKafkaProducer(**settings.client_arguments(), **(arguments | overrides))
    throttle_metadata(producer.client)
    connect = producer.client.bootstrap

    async def explaining_connect() -> None:
        async with explain_unreachable(settings):
            await connect()

    producer.client.bootstrap = explaining_connect
    return producer
