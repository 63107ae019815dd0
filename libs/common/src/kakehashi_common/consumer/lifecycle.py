"""Runs a consumer from start to stop: at least once, nothing lost.

FastStream owns the connection, the subscription and the poll loop (``subscription``); what it
polls is decoded and queued, and a second task hands it to the service. See ADR 0005.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from kakehashi_common import metrics
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.delivery import AbandonedError, BatchHandler, Delivery
from kakehashi_common.consumer.group_instance import GroupInstance
from kakehashi_common.consumer.partitions import Assignment, PartitionHook, Progress, nothing_to_do
from kakehashi_common.consumer.read_ahead import Batch, BatchDecoder, BatchMetrics, ReadAhead
from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.consumer.subscription import leave, subscribe
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.dead_letters.decisions import OperatorDecisions
from kakehashi_common.dead_letters.limit import DeadLetterRate
from kakehashi_common.dead_letters.writer import DeadLetterSink
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.diagnostics import explain_unreachable
from kakehashi_common.kafka.metadata_throttle import throttle_metadata
from kakehashi_common.kafka.record_batches import UnreadableBatch
from kakehashi_common.kafka.safe_poll import SafePoll
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.processes import unless_stopped
from kakehashi_common.telemetry import MAX_LINKS, batch_span

log = structlog.get_logger(__name__)

_CHECK_EVERY_SECONDS = 5.0
_REACHABLE_WITHIN_SECONDS = 5.0
_START_AGAIN_AFTER_SECONDS = 2.0
_REBALANCE_WITHIN_SECONDS = 120.0
"""A commit that fails means that the group goes on without us; we know by then."""

_SLOW_AFTER_SECONDS = 60.0
"""A batch in hand for longer is logged; the slowest good one takes a second."""


class HaltedError(Exception):
    """The dead-letter limit was passed."""


class CoordinationLostError(Exception):
    """The client's group coordination has failed; only a new process helps."""


class Consumer:
    """Reads topics and hands their events to a handler; see :class:`BatchConsumer`."""

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Sequence[Topic],
        group_id: str,
        handler: BatchHandler,
        *,
        settings: ConsumerSettings | None = None,
        on_assigned: PartitionHook = nothing_to_do,
        on_revoked: PartitionHook = nothing_to_do,
    ) -> None:
        for topic in topics:
            if not topic.dead_letters:
                raise ValueError(f"{topic.name} has no dead-letter topic: declare it as consumed")
        self.topics = tuple(topics)
        """The topics that it reads."""
        self._kafka = kafka
        self._settings = settings = settings or ConsumerSettings()
        self._attributes = {"group": group_id, "topic": ",".join(t.name for t in topics)}
        self._group_id = group_id
        self._decoder = BatchDecoder(topics)
        self._metrics = BatchMetrics(topics, self._attributes)
        self._waiting = ReadAhead(settings.read_ahead, settings.max_records)
        self._stopping = asyncio.Event()
        self._problems: dict[str, str] = {"start": "it has not started yet"}
        self._taken_at: float | None = None
        self._abandoned: tuple[int, float] | None = None
        self._resumed = asyncio.Event()
        """Set when a halted consumer may go on."""
        self._rate = DeadLetterRate(settings.dead_letter_limit())
        self._sink = DeadLetterSink(kafka, topics)
        self._safe_poll = SafePoll(self._note_poll, self._note_held)
        self._assignment = Assignment(
            on_assigned=on_assigned,
            on_revoked=on_revoked,
            on_rebalance=self._note_rebalance,
            patience_seconds=settings.rebalance_timeout_seconds * 2 / 3,
        )
        self._progress = Progress(self._safe_poll, self._assignment, self._attributes)
        self._decisions = OperatorDecisions(
            kafka, {topic.name: topic.dead_letter_topic for topic in topics}
        )
        self._delivery = Delivery(
            handler,
            budget_seconds=settings.retry_budget_seconds,
            given_up=self._assignment.ended,
            before_pause=self._note_retry,
            on_dead_letter=self._count_dead_letter,
        )
        self._instance = GroupInstance(kafka.bootstrap_servers, group_id)
        self._broker, self._subscriber = subscribe(
            kafka,
            topics,
            self._instance,
            settings,
            decode=self._decode,
            queue=self._enqueue,
            listener=self._assignment,
        )

    @property
    def problem(self) -> str | None:
        """The reason why the consumer is not ready; ``None`` if it is."""
        problems = [*self._problems.values(), *map(str, self._safe_poll.held.values())]
        if self._taken_at is not None:
            seconds = time.monotonic() - self._taken_at
            if seconds > _SLOW_AFTER_SECONDS:
                problems.append(f"it has had the same batch in hand for {seconds:.0f} s")
        return "; ".join(problems) or None

    @property
    def halted(self) -> bool:
        """Whether it is halted by the dead-letter limit."""
        return "halted" in self._problems

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop`` is set; then finish the batch in hand, commit, leave the group.

        Call it once.

        Raises:
            Exception: a transient error outlived its budget, or the client is beyond repair, or
                the batch in hand did not finish in time once asked to stop: end the process, so
                that its supervisor starts another. Nothing is lost.
        """
        self._stopping = stop
        metrics.HALTED.set(0, self._attributes)
        tasks: list[asyncio.Task[None]] = []
        try:
            if await self._start():
                work = asyncio.create_task(self._work(), name="consumer work")
                watch = asyncio.create_task(self._watch(), name="consumer watch")
                asked = asyncio.create_task(_wait(stop), name="consumer stop")
                tasks = [work, watch, asked]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                self._pause()
                self._assignment.close()
                self._waiting.end()
                self._resumed.set()
                await asyncio.wait([work], timeout=self._settings.stop_timeout_seconds)
                if not work.done():
                    raise TransientError("the batch in hand did not finish in time; it comes again")
        finally:
            self._problems["start"] = "it has stopped"
            await self._close(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _start(self) -> bool:
        """Join the group, however long Kafka is unavailable; ``False`` if asked to stop first."""
        while not self._stopping.is_set():
            try:
                async with explain_unreachable(self._kafka):
                    started = await unless_stopped(self._stopping, self._broker.start())
            except (KafkaError, OSError) as error:
                self._problems["start"] = f"Kafka can't be reached: {error}"
                log.warning("kafka can't be reached; trying again", reason=str(error))
                await leave(self._broker, self._subscriber)
                await self._paused(_START_AGAIN_AFTER_SECONDS)
            else:
                self._problems.pop("start")
                return started
        return False

    async def _enqueue(self, batch: Batch) -> None:
        if self.halted:
            sources = [received.event.source for received in batch.events]
            well = Counter(filter(self._rate.is_healthy, sources))
            if well:
                self._rate.exceeded_by(well, {}, time.monotonic())
                self._resumed.set()
        elif not self._stopping.is_set():
            await self._waiting.put(batch)

    async def _decode(self, message: Any) -> Batch:
        # FastStream calls this as soon as a poll has returned: `polled` is that poll's.
        polled = dict(self._safe_poll.polled)
        batch = Batch(self._assignment.epoch, message.raw_message, polled)
        await self._decoder.decode(batch)
        return batch

    async def _work(self) -> None:
        while not self._stopping.is_set():
            batch = await self._waiting.get()
            if batch is None:
                return
            async with self._assignment.busy:
                await self._assignment.run_hooks()
                self._taken_at = time.monotonic()
                try:
                    await self._handle(batch)
                except AbandonedError:
                    self._abandon(batch)
                except HaltedError as halted:
                    self._halt(str(halted))
                finally:
                    self._taken_at = None
                    self._problems.pop("retry", None)
            if self.halted and not self._stopping.is_set():
                await self._resumed.wait()
                await self._resume()

    async def _handle(self, batch: Batch) -> None:
        """Handle one batch: the service first, then the dead letters, then the offsets."""
        if batch.epoch != self._assignment.epoch or self._is_abandoned(batch.epoch):
            raise AbandonedError
        started = time.monotonic()
        dead = Counter(letter.source for letter in batch.rejected)
        read = Counter([received.event.source for received in batch.events])
        exceeded = self._rate.exceeded_by(read + dead, dead, started)
        if exceeded is not None:
            raise HaltedError(exceeded)
        with batch_span(
            f"consume {self._attributes['topic']}",
            (record.headers for record in batch.records[: 2 * MAX_LINKS]),
            attributes={
                "messaging.system": "kafka",
                "messaging.consumer.group.name": self._group_id,
                "messaging.destination.name": self._attributes["topic"],
                "messaging.batch.message_count": len(batch.records),
            },
        ):
            letters = batch.rejected + await self._delivery.deliver(batch.events)
            if letters:
                await self._delivery.retry(lambda: self._sink.write(letters))
            if batch.epoch != self._assignment.epoch:
                raise AbandonedError
            await self._delivery.retry(lambda: self._commit(batch.next_offsets))
        self._progress.committed(batch.next_offsets)
        self._metrics.record(batch, letters, time.monotonic() - started)

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        consumer = self._consumer
        if consumer is None:
            raise AbandonedError
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError):
            # The partitions have gone to another consumer, which handles the same records again.
            log.warning("handled, but not committed: the partitions were taken away")
            raise AbandonedError from None

    def _abandon(self, batch: Batch) -> None:
        """Drop a batch, and with it all that was read behind it: their commit would pass over it.

        A rebalance follows, and reading starts again from what is committed.
        """
        metrics.DROPPED.add(len(batch.records), self._attributes)
        if batch.epoch == self._assignment.epoch and not self._is_abandoned(batch.epoch):
            self._abandoned = (batch.epoch, time.monotonic())

    def _is_abandoned(self, epoch: int) -> bool:
        return self._abandoned is not None and self._abandoned[0] == epoch

    def _halt(self, reason: str) -> None:
        """Handle nothing more, and say why. This member stays, so that no other drains the rest.

        Reading goes on, for records of a source that is not at fault: then the fault is not ours.
        """
        reason += (
            ": mend the publisher or this service and start it again, or let them into the queue: "
            f"python -m kakehashi_common.dead_letters admit {self._attributes['topic']}"
        )
        log.error("halted", reason=reason)
        self._resumed.clear()
        self._problems["halted"] = f"halted: {reason}"
        self._waiting.clear()
        metrics.HALTED.set(1, self._attributes)

    async def _resume(self) -> None:
        """Handle again what was read while halted."""
        consumer = self._consumer
        if consumer is None or self._stopping.is_set():
            return
        async with self._assignment.busy:
            epoch = self._assignment.epoch
            offsets = await self._safe_poll.committed(consumer)
            if epoch == self._assignment.epoch:  # else a rebalance went back already
                self._assignment.epoch += 1
                self._safe_poll.rewind(consumer, offsets)
            self._waiting.clear()
            del self._problems["halted"]
            metrics.HALTED.set(0, self._attributes)
        log.warning("no longer halted")

    def _pause(self) -> None:
        consumer = self._consumer
        if consumer is not None:
            self._assignment.held = consumer
            consumer.pause(*consumer.assignment())

    @property
    def _consumer(self) -> AIOKafkaConsumer | None:
        return self._subscriber.consumer

    def _note_rebalance(self) -> None:
        consumer = self._consumer
        if consumer is not None:
            throttle_metadata(consumer._client)  # noqa: SLF001 - aiokafka shows only a producer's
            self._safe_poll.begin(consumer)
            self._progress.begin()

    def _note_poll(self, error: Exception | None) -> None:
        if error is None:
            self._problems.pop("poll", None)
        else:
            self._problems["poll"] = f"Kafka can't be read ({type(error).__name__}: {error})"

    def _note_held(self, batch: UnreadableBatch) -> None:
        log.error(
            "a record batch can't be unpacked; its partition waits",
            topic=batch.partition.topic,
            partition=batch.partition.partition,
            offset=batch.offset,
            bytes=batch.size,
            reason=str(batch),
        )

    def _note_retry(self, error: BaseException, pause: float) -> None:
        self._problems["retry"] = f"trying again: {error}"
        metrics.RETRIED.add(1, self._attributes)
        log.warning("trying again", pause_seconds=round(pause, 1), error=repr(error))

    def _count_dead_letter(self, received: Received[Any]) -> None:
        exceeded = self._rate.exceeded_by({}, {received.event.source: 1}, time.monotonic())
        if exceeded is not None:
            raise HaltedError(exceeded)

    async def _watch(self) -> None:
        """Keep the problems up to date, and fail when the client is beyond repair."""
        while not self._stopping.is_set():
            consumer = self._consumer
            if consumer is None:
                return
            # aiokafka raises this from every poll and FastStream polls on for ever: nothing
            # public says that it is final.
            coordination = consumer._coordinator._coordination_task  # noqa: SLF001
            if coordination.done() and not self._stopping.is_set():
                raise CoordinationLostError("the group coordination of the Kafka client has ended")
            if self._abandoned is not None and self._is_abandoned(self._assignment.epoch):
                waited = time.monotonic() - self._abandoned[1]
                if waited > _REBALANCE_WITHIN_SECONDS:
                    raise CoordinationLostError(
                        f"a batch was given up {waited:.0f} s ago and no rebalance followed"
                    )
            try:
                async with asyncio.timeout(_REACHABLE_WITHIN_SECONDS):
                    await consumer.topics()
                    await self._progress.look(consumer)
            except (KafkaError, OSError) as error:
                self._problems["kafka"] = f"Kafka can't be reached ({type(error).__name__})"
            else:
                self._problems.pop("kafka", None)
            if self.halted or self._safe_poll.held:
                await self._decisions.apply(consumer, self._safe_poll, self._rate)
                if self.halted and self._rate.is_admitted(time.monotonic()):
                    self._resumed.set()
            await self._paused(_CHECK_EVERY_SECONDS)

    async def _paused(self, seconds: float) -> None:
        """Wait, unless asked to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _close(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._waiting.clear()  # lets go a reader that waits for room
        await leave(self._broker, self._subscriber)
        self._instance.release()
        await self._sink.close()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
