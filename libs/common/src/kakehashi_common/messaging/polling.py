"""A poll that loses nothing when aiokafka can't read a record.

aiokafka decodes the *names* of headers while it polls, and a name that is not UTF-8 fails the whole
poll: what other partitions had given to it is gone although their positions have moved, so is what
came before the record on its own partition, and every later poll fails again. FastStream polls on.
So whatever was polled and not returned is polled again, the record is found by polling less and
less, and it is passed on as :class:`UnreadableRecord`, which becomes a dead letter.
"""

from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError

Polled = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]

_WAIT_MILLISECONDS = 250
"""How long a poll waits for the first record. FastStream's own time is short, because it sleeps for
as long after each poll that found nothing."""

_CAREFUL_RECORDS = 256
"""How much is polled at first when looking for the record; then half of it, and so on."""

_CAREFUL_MILLISECONDS = 200
"""How long one partition is waited for meanwhile."""


class UnreadableRecord(ConsumerRecord[bytes, bytes]):  # type: ignore[misc]  # aiokafka has no types
    """Stands for a record that the client can't read: its place, and nothing of its content."""

    reason = (
        "a header's name is not UTF-8, so this client can't read the record: send it again with a "
        "proper name; the record is still at its place in the topic, for other clients"
    )


class Polling:
    """Stands between FastStream's poll loop and one consumer's ``getmany``.

    Args:
        on_failure: Told the error of a poll that failed, and ``None`` after one that did not.
    """

    def __init__(self, on_failure: Callable[[Exception | None], None]) -> None:
        self._on_failure = on_failure
        self._next: dict[TopicPartition, int] = {}
        self._careful = False
        self._guarded: AIOKafkaConsumer | None = None

    def begin(self, consumer: AIOKafkaConsumer) -> None:
        """Start from the committed offsets, in front of the consumer's ``getmany``.

        Call it at every rebalance; the first one comes before the first poll.
        """
        self._next.clear()
        if consumer is self._guarded:
            return
        self._guarded = consumer
        poll = consumer.getmany

        async def getmany(*, timeout_ms: int, max_records: int) -> Polled:
            return await self._getmany(consumer, poll, timeout_ms, max_records)

        consumer.getmany = getmany

    async def _getmany(
        self, consumer: AIOKafkaConsumer, poll: Any, timeout_ms: int, max_records: int
    ) -> Polled:
        try:
            if self._careful:
                polled = await self._look_closer(consumer, poll)
            else:
                polled = await poll(
                    timeout_ms=max(timeout_ms, _WAIT_MILLISECONDS), max_records=max_records
                )
        except ConsumerStoppedError:
            raise
        except UnicodeDecodeError:
            self._careful = True
            await self._rewind(consumer, consumer.assignment())
            return {}
        except Exception as error:
            self._on_failure(error)
            await self._rewind(consumer, consumer.assignment())
            raise
        for partition, records in polled.items():
            self._next[partition] = records[-1].offset + 1
        self._on_failure(None)
        return polled

    async def _look_closer(self, consumer: AIOKafkaConsumer, poll: Any) -> Polled:
        """Poll each partition by itself; stop being careful once the record is found."""
        polled: Polled = {}
        for partition in consumer.assignment():
            size = _CAREFUL_RECORDS
            while size:
                try:
                    found = await poll(
                        partition, timeout_ms=_CAREFUL_MILLISECONDS, max_records=size
                    )
                except UnicodeDecodeError:
                    await self._rewind(consumer, {partition})
                    size //= 2
                else:
                    polled.update(found)
                    break
            else:
                offset = await consumer.position(partition)
                consumer.seek(partition, offset + 1)
                polled[partition] = [_stand_in(partition, offset)]
                self._careful = False
        return polled

    async def _rewind(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> None:
        """Go back to where the last poll that returned had left off."""
        for partition in partitions:
            offset = self._next.get(partition)
            if offset is None:
                offset = await consumer.committed(partition)
            if offset is None:
                await consumer.seek_to_beginning(partition)
            else:
                consumer.seek(partition, offset)


def _stand_in(partition: TopicPartition, offset: int) -> UnreadableRecord:
    return UnreadableRecord(
        topic=partition.topic,
        partition=partition.partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=None,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=(),
    )
