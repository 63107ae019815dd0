"""A consumer's partitions: which it has now, and how far each of them is handled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError

from kakehashi_common import metrics
from kakehashi_common.kafka.safe_poll import SafePoll

log = structlog.get_logger(__name__)

PartitionHook = Callable[[set[TopicPartition]], Awaitable[None]]
"""Called with the partitions that were assigned or revoked; never while the handler runs."""


async def nothing_to_do(_partitions: set[TopicPartition]) -> None:
    """Keep no state per partition."""


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types here
    """Follows the rebalances of one consumer: records read under an old assignment are dropped.

    When partitions are taken away, the batch in the handler may finish and commit for as long as
    the group waits for us; after that its epoch is over, and it never commits.
    """

    def __init__(
        self,
        *,
        on_assigned: PartitionHook,
        on_revoked: PartitionHook,
        on_rebalance: Callable[[], None],
        patience_seconds: float,
    ) -> None:
        self._on_rebalance = on_rebalance
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked
        self._patience = patience_seconds
        self._hooks: list[tuple[PartitionHook, set[TopicPartition]]] = []
        self._closed = False
        self.epoch = 0
        """Goes up with every rebalance."""
        self.busy = asyncio.Lock()
        """Held while a batch is handled."""
        self.ended = asyncio.Event()
        """Set while partitions are being revoked: a retry that pauses gives up."""
        self.held: AIOKafkaConsumer | None = None
        """A halted consumer: what it is assigned stays paused."""

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """End the epoch, after the batch in progress if it finishes in time."""
        self.ended.set()
        self._on_rebalance()
        if revoked:
            self._hooks.append((self._on_revoked, revoked))
        try:
            async with asyncio.timeout(self._patience), self.busy:
                self.epoch += 1
                await self.run_hooks()
        except TimeoutError:
            self.epoch += 1
            log.warning(
                "a batch outlasts its partitions; it will not be committed",
                waited_seconds=self._patience,
            )

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin to work on the new partitions."""
        if assigned:
            self._hooks.append((self._on_assigned, assigned))
        if not self._closed:
            self.ended.clear()
        if self.held is not None:
            self.held.pause(*assigned)
        if not self.busy.locked():
            async with self.busy:
                await self.run_hooks()

    def close(self) -> None:
        """Abandon pauses for good: the process ends."""
        self._closed = True
        self.ended.set()

    async def run_hooks(self) -> None:
        """Call the hooks for assigned and revoked partitions; the caller holds ``busy``."""
        while self._hooks:
            hook, partitions = self._hooks[0]
            await hook(partitions)
            del self._hooks[0]  # a hook that failed runs again before the next batch, which ends it


class Progress:
    """The positions that one consumer has handled: markers of transactions count too.

    The end of a transaction takes an offset of its own, and so do the records of one that was
    aborted; none of them is ever returned. A consumer that committed only what lies behind the last
    record would look one record behind for ever.
    """

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
            KafkaError: Kafka is unavailable.
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
