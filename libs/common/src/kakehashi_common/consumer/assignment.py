"""The current assignment of partitions: records read under an old one are dropped."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

log = structlog.get_logger(__name__)

PartitionHook = Callable[[set[TopicPartition]], Awaitable[None]]
"""Called with the partitions that were assigned or revoked; never while the handler runs."""


async def nothing_to_do(_partitions: set[TopicPartition]) -> None:
    """Keep no state per partition."""


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types here
    """Follows the rebalances of one consumer.

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
