"""A consumer's progress by position: markers of transactions count too.

The end of a transaction takes an offset of its own, and so do the records of one that was aborted;
none of them is ever returned. A consumer that committed only what lies behind the last record would
look one record behind for ever.
"""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from kakehashi_common import metrics
from kakehashi_common.consumer.assignment import Assignment
from kakehashi_common.kafka.safe_poll import SafePoll


class Progress:
    """The positions that one consumer has handled."""

    def __init__(
        self, safe_poll: SafePoll, assignment: Assignment, attributes: Mapping[str, str]
    ) -> None:
        self._safe_poll = safe_poll
        self._assignment = assignment
        self._attributes = attributes
        self._committed: dict[TopicPartition, int] = {}
        self._measured: set[TopicPartition] = set()

    def begin(self) -> None:
        """Forget what was committed: partitions come and go."""
        self._committed.clear()

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note what was committed."""
        self._committed.update(offsets)

    async def look(self, consumer: AIOKafkaConsumer) -> None:
        """Commit the positions of partitions where nothing waits to be handled; measure the lag.

        Raises:
            KafkaError: Kafka is away.
        """
        epoch = self._assignment.epoch
        positions = {
            partition: await consumer.position(partition) for partition in consumer.assignment()
        }
        if not self._assignment.busy.locked():
            async with self._assignment.busy:
                if epoch == self._assignment.epoch:
                    await self._commit(consumer, positions)
        for partition in positions:
            attributes = self._attributes_of(partition)
            metrics.HELD.set(int(partition in self._safe_poll.held), attributes)
            # The end of what may be read: behind it lies a transaction that is still open.
            end = consumer.last_stable_offset(partition)
            handled = self._committed.get(partition)
            if end is not None and handled is not None:
                metrics.LAG.set(max(0, end - handled), attributes)
        for partition in self._measured - positions.keys():  # another consumer measures it now
            metrics.HELD.set(0, self._attributes_of(partition))
            metrics.LAG.set(0, self._attributes_of(partition))
        self._measured = set(positions)

    def _attributes_of(self, partition: TopicPartition) -> dict[str, str]:
        return {**self._attributes, "partition": f"{partition.topic}-{partition.partition}"}

    async def _commit(
        self, consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, int]
    ) -> None:
        passed = {}
        for partition, position in positions.items():
            handled = self._committed.get(partition)
            waits = self._safe_poll.is_behind(partition, handled)
            if not waits and (handled is None or handled < position):
                passed[partition] = position
        if passed:
            try:
                await consumer.commit(passed)
            except (CommitFailedError, IllegalStateError):
                return  # the partitions have gone to another consumer
            self._committed.update(passed)
