"""A poll that a bad batch of one partition can't stop, and that loses nothing when it fails.

A poll of aiokafka that fails loses what other partitions had given to it, although their positions
have moved. So whatever was polled and not returned is polled again. A partition whose next batch
can't be unpacked is held: paused in front of it, while the others go on.
"""

from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError

from kakehashi_common.kafka.record_batches import UnreadableBatch, UnreadableBatchError

Polled = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]

_WAIT_MILLISECONDS = 250
"""Time that a poll waits for the first record. FastStream's own time is short, because it sleeps
for as long after each poll that found nothing."""


class SafePoll:
    """Stands between FastStream's poll loop and one consumer's ``getmany``.

    Args:
        on_failure: Called with a failed poll's error, and with ``None`` after a good poll.
        on_held: Called once with a batch that holds its partition.
    """

    def __init__(
        self,
        on_failure: Callable[[Exception | None], None],
        on_held: Callable[[UnreadableBatch], None],
    ) -> None:
        self._on_failure = on_failure
        self._on_held = on_held
        self._next: dict[TopicPartition, int] = {}
        self._guarded: AIOKafkaConsumer | None = None
        self._failed = False
        """Whether positions have moved past what was never returned."""
        self.held: dict[TopicPartition, UnreadableBatch] = {}
        """The partitions that wait in front of a batch that can't be unpacked."""
        self.polled: dict[TopicPartition, int] = {}
        """The partitions of the last poll, and the position behind each.

        Control records and aborted transactions lie between a last record and that position.
        """

    def begin(self, consumer: AIOKafkaConsumer) -> None:
        """Start from the committed offsets, in front of the consumer's ``getmany``.

        Call it at every rebalance; the first one comes before the first poll.
        """
        self._next.clear()
        self.held.clear()
        self._failed = False
        if consumer is self._guarded:
            return
        self._guarded = consumer
        poll = consumer.getmany

        async def getmany(*, timeout_ms: int, max_records: int) -> Polled:
            return await self._getmany(consumer, poll, timeout_ms, max_records)

        consumer.getmany = getmany

    def is_behind(self, partition: TopicPartition, handled: int | None) -> bool:
        """Whether something was polled of ``partition`` that lies at ``handled`` or behind it."""
        if self._failed:
            return True
        polled = self._next.get(partition)
        return polled is not None and (handled is None or handled < polled)

    def retry_held(self, consumer: AIOKafkaConsumer) -> None:
        """Poll the held partitions again: what came over the network may have been at fault."""
        consumer.resume(*(self.held.keys() & consumer.assignment()))

    def skip(self, consumer: AIOKafkaConsumer, batch: UnreadableBatch, to: int) -> None:
        """Go on behind the batch that holds its partition, if the partition is still ours."""
        del self.held[batch.partition]
        if batch.partition not in consumer.assignment():
            return
        consumer.seek(batch.partition, to)
        consumer.resume(batch.partition)

    async def committed(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Return where each partition's next consumer would begin."""
        offsets = {}
        for partition in consumer.assignment():
            offset = await consumer.committed(partition)
            if offset is None:
                offset = (await consumer.beginning_offsets([partition]))[partition]
            offsets[partition] = offset
        return offsets

    def rewind(self, consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
        """Go back to ``offsets``, in one step that no poll comes between."""
        for partition, offset in offsets.items():
            self._next.pop(partition, None)
            consumer.seek(partition, offset)
        self._failed = False

    async def _getmany(
        self, consumer: AIOKafkaConsumer, poll: Any, timeout_ms: int, max_records: int
    ) -> Polled:
        if self._failed:
            await self._rewind_to_last_poll(consumer)
        try:
            polled: Polled = await poll(
                timeout_ms=max(timeout_ms, _WAIT_MILLISECONDS), max_records=max_records
            )
        except ConsumerStoppedError:
            raise
        except UnreadableBatchError as error:
            self._failed = True
            self._hold(consumer, error.batch)
            return {}
        except Exception as error:
            self._failed = True
            self._on_failure(error)
            raise
        self.polled = {partition: await consumer.position(partition) for partition in polled}
        self._next |= self.polled
        for partition in self.held.keys() & polled.keys():
            del self.held[partition]
        self._on_failure(None)
        return polled

    def _hold(self, consumer: AIOKafkaConsumer, batch: UnreadableBatch) -> None:
        held_already = self.held.get(batch.partition) == batch
        self.held[batch.partition] = batch
        consumer.pause(batch.partition)
        if not held_already:
            self._on_held(batch)

    async def _rewind_to_last_poll(self, consumer: AIOKafkaConsumer) -> None:
        """Go back to where the last poll that returned had left off."""
        for partition in consumer.assignment():
            offset = self._next.get(partition)
            if offset is None:
                offset = await consumer.committed(partition)
            if offset is None:
                await consumer.seek_to_beginning(partition)
            else:
                consumer.seek(partition, offset)
        self._failed = False
