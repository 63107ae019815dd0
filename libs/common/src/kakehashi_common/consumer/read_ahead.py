"""The batches that a consumer reads ahead: decoded, queued for the handler, and counted."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from aiokafka import ConsumerRecord, TopicPartition

from kakehashi_common import metrics
from kakehashi_common.cloudevents.codec import EventDecoder, Received
from kakehashi_common.cloudevents.errors import RejectedEventError
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

_CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""The most by which a record's timestamp may be in the future."""

_COMPACTED_KEPT: Final = timedelta(days=400)
"""Older records of a topic without retention don't count in the delay."""


@dataclass(slots=True)
class Batch:
    """The records of one poll, or of several in a row."""

    epoch: int
    """The assignment under which it was read."""
    records: Sequence[ConsumerRecord[bytes, bytes]]
    next_offsets: dict[TopicPartition, int]
    """The offsets to commit when it was handled."""
    events: list[Received[Any]] = field(default_factory=list)
    rejected: list[DeadLetter] = field(default_factory=list)


class BatchDecoder:
    """Decodes the records of some topics."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._decoders: Mapping[str, EventDecoder] = {
            topic.name: EventDecoder(topic.models, tombstones=topic.retention is None)
            for topic in topics
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


class ReadAhead:
    """Batches in the order they were read.

    Polls that follow each other become one batch while they wait, up to ``max_records``: under
    light load an event then waits only for the batch in hand, not for a transaction per poll.
    Batches of different epochs stay apart, since one may be dropped and the other not.

    Made for one writer and one reader.
    """

    def __init__(self, batches: int, max_records: int) -> None:
        self._queue: asyncio.Queue[Batch | None] = asyncio.Queue(batches)
        self._max_records = max_records
        self._last: Batch | None = None
        """The batch put last, as long as it waits."""

    async def put(self, batch: Batch) -> None:
        """Add a batch; wait while there is no room."""
        last = self._last
        if (
            last is not None
            and last.epoch == batch.epoch
            and len(last.records) + len(batch.records) <= self._max_records
        ):
            last.records = (*last.records, *batch.records)
            last.next_offsets |= batch.next_offsets
            last.events += batch.events
            last.rejected += batch.rejected
            return
        await self._queue.put(batch)
        self._last = batch

    async def get(self) -> Batch | None:
        """Take the oldest batch; wait for one. ``None`` once :meth:`end` was called."""
        batch = await self._queue.get()
        if batch is self._last:
            self._last = None
        return batch

    def end(self) -> None:
        """Wake up a reader that waits for a batch."""
        if self._queue.empty():
            self._queue.put_nowait(None)

    def clear(self) -> None:
        """Drop what waits; a writer that waits for room goes on."""
        self._last = None
        while not self._queue.empty():
            self._queue.get_nowait()


class BatchMetrics:
    """Counts what one consumer handled.

    Args:
        topics: What it reads.
        attributes: Of every measurement.
    """

    def __init__(self, topics: Sequence[Topic], attributes: Mapping[str, str]) -> None:
        self._attributes = attributes
        self._kept = {t.name: (t.retention or _COMPACTED_KEPT).total_seconds() for t in topics}

    def record(self, batch: Batch, letters: Sequence[DeadLetter], seconds: float) -> None:
        """Count a batch that was committed, ``seconds`` after it was taken in hand."""
        a = self._attributes
        metrics.CONSUMED.add(len(batch.records), a)
        for letter in letters:
            metrics.DEAD_LETTERED.add(1, {**a, "code": letter.code})
            log.warning(
                "dead-lettered",
                topic=letter.record.topic,
                partition=letter.record.partition,
                offset=letter.record.offset,
                code=letter.code,
            )
        metrics.BATCH_SECONDS.record(seconds, a)
        metrics.BATCH_RECORDS.record(len(batch.records), a)
        first = batch.records[0]
        delay = time.time() - first.timestamp / 1000  # by the publisher's clock, or anything
        if -_CLOCKS_DIFFER.total_seconds() <= delay <= self._kept[first.topic]:
            metrics.DELAY_SECONDS.record(max(0.0, delay), a)
        else:
            metrics.IMPLAUSIBLE_TIMESTAMPS.add(1, a)
