"""Decode the records of one poll, and yield to other tasks in between."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from aiokafka import ConsumerRecord

from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.consumer.read_ahead import Batch
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.dead_letters.writer import DeadLetter

log = structlog.get_logger(__name__)

_AT_ONCE_BYTES: Final = 65_536
"""Decoded before others may run: the batch in the handler goes on as soon as the database answers,
heartbeats and health checks are answered, and the decoding fills the time in between. Short turns
leave decoding for the handler's waits; long ones use it up while the handler has work too."""

_RECORD_BYTES: Final = 2_000
"""The cost of a record beside its value, in bytes of value: its attributes, and objects."""

_LARGE_BYTES: Final = 65_536
"""A value beyond this is decoded in a thread: one that is full of mistakes takes long."""


class BatchDecoder:
    """Decodes the records of some topics."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._decoders: Mapping[str, EventDecoder] = {
            topic.name: EventDecoder(topic.models) for topic in topics
        }

    async def decode(self, batch: Batch) -> None:
        """Add to ``batch`` the event of each record, or why it has none. Never raises."""
        now = datetime.now(UTC)
        left = _AT_ONCE_BYTES
        for record in batch.records:
            size = record.serialized_value_size
            left -= size + _RECORD_BYTES
            if size > _LARGE_BYTES:
                await asyncio.to_thread(self._decode, batch, record, now)
            else:
                self._decode(batch, record, now)
            if left < 0:
                left = _AT_ONCE_BYTES
                await asyncio.sleep(0)

    def _decode(self, batch: Batch, record: ConsumerRecord[bytes, bytes], now: datetime) -> None:
        try:
            batch.events.append(self._decoders[record.topic].decode(record, now))
        except RejectedEventError as error:
            batch.rejected.append(DeadLetter.of(record, error))
        except Exception as error:  # a bug of ours must cost no more than its record
            log.exception("a record made the decoder fail", topic=record.topic)
            batch.rejected.append(DeadLetter.of(record, error))
