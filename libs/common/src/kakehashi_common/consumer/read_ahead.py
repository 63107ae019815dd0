"""The queue of decoded batches that wait for the handler."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.dead_letters.writer import DeadLetter


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
