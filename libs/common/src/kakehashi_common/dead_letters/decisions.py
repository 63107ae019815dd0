"""Operators' decisions about a topic's records, which waiting consumers read and apply.

A decision is a record of the dead-letter topic, like the marker of a replay: whoever may write
dead letters may decide, and a consumer that starts again finds what was decided.

``dlq-skipped-to``
    Header of a dead letter that stands for a record batch that can't be unpacked: the offset
    behind it, where consumers go on.
``dlq-admitted-until`` ``dlq-admitted-source``
    Headers of a record that is no letter: until then, dead letters (of that source, else of all)
    go to the queue without counting against the limit that halts consumers.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from kakehashi_common.contracts.topics import DEAD_LETTER_SUFFIX
from kakehashi_common.dead_letters.limit import DeadLetterRate
from kakehashi_common.errors import NotFoundError, PermanentError
from kakehashi_common.kafka.producer import idempotent_producer
from kakehashi_common.kafka.reader import held_records, partitions_of, topic_reader
from kakehashi_common.kafka.record_batches import UnreadableBatch, UnreadableBatchError
from kakehashi_common.kafka.safe_poll import SafePoll
from kakehashi_common.kafka.settings import KafkaSettings

log = structlog.get_logger(__name__)

SKIPPED_TO = "dlq-skipped-to"
ADMITTED_UNTIL = "dlq-admitted-until"
ADMITTED_SOURCE = "dlq-admitted-source"

_READ_MILLISECONDS = 500
_WRITE_TIMEOUT_SECONDS = 30.0
_LOOK_TIMEOUT_SECONDS = 60.0
"""Enough for millions of letters. Whoever waits has other things to watch, too."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A time until which dead letters go to the queue without counting against the limit."""

    topic: str
    until: datetime
    source: str | None
    """Of which CloudEvents source; ``None``: of all."""

    def headers(self) -> list[tuple[str, bytes]]:
        """Return the headers of its record."""
        headers = [(ADMITTED_UNTIL, self.until.astimezone(UTC).isoformat().encode())]
        if self.source is not None:
            headers.append((ADMITTED_SOURCE, self.source.encode()))
        return headers


class OperatorDecisions:
    """Reads the decisions in some topics' dead-letter topics, each record once.

    Args:
        settings: How to reach Kafka.
        dead_letter_topics: By the name of the topic whose letters they hold.
    """

    def __init__(self, settings: KafkaSettings, dead_letter_topics: dict[str, str]) -> None:
        self._settings = settings
        self._topics = dead_letter_topics
        self._read_to: dict[TopicPartition, int] = {}
        self._skips: dict[tuple[str, int], list[tuple[int, int]]] = {}
        self._admissions: list[Admission] = []

    async def apply(
        self, consumer: AIOKafkaConsumer, safe_poll: SafePoll, rate: DeadLetterRate
    ) -> None:
        """Apply the decisions about what holds a consumer up; retry the rest."""
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_SECONDS):
                await self.refresh()
        except (KafkaError, NotFoundError, OSError) as error:
            reason = str(error) or type(error).__name__
            log.warning("operators' decisions can't be read", reason=reason)
        now = datetime.now(UTC)
        for admission in self._admissions:
            left = (admission.until - now).total_seconds()
            rate.admit(admission.source, time.monotonic() + left)
        for batch in list(safe_poll.held.values()):
            to = self.skipped_to(batch)
            if to is not None:
                log.warning("passed over, as an operator decided", batch=batch.place, to=to)
                safe_poll.skip(consumer, batch, to)
        safe_poll.retry_held(consumer)

    async def refresh(self) -> None:
        """Read what was decided since the last call.

        Raises:
            NotFoundError, KafkaError: a dead-letter topic can't be read.
        """
        for origin, topic in self._topics.items():
            async for record in held_records(self._settings, topic, self._read_to):
                self._note(origin, record)

    def skipped_to(self, batch: UnreadableBatch) -> int | None:
        """Return where to go on behind ``batch``; ``None`` if nobody decided to pass over it."""
        skips = self._skips.get((batch.partition.topic, batch.partition.partition), ())
        return max((to for begin, to in skips if begin <= batch.offset < to), default=None)

    def _note(self, origin: str, record: ConsumerRecord[Any, Any]) -> None:
        headers = dict(_texts(record))
        try:
            if SKIPPED_TO in headers:
                place = (headers["dlq-topic"], int(headers["dlq-partition"]))
                span = (int(headers["dlq-offset"]), int(headers[SKIPPED_TO]))
                self._skips.setdefault(place, []).append(span)
            elif ADMITTED_UNTIL in headers:
                until = datetime.fromisoformat(headers[ADMITTED_UNTIL])
                source = headers.get(ADMITTED_SOURCE)
                if until.tzinfo is not None:
                    self._admissions.append(Admission(origin, until, source))
        except (KeyError, ValueError):
            return  # somebody else's record: what it says is no decision


async def unreadable_batch(
    settings: KafkaSettings, place: TopicPartition, offset: int
) -> UnreadableBatch:
    """Return the batch at a place where consumers wait.

    Raises:
        NotFoundError: there is no such topic or partition, or nothing at this offset.
        PermanentError: what is there can be read.
    """
    if place not in await partitions_of(settings, place.topic):
        raise NotFoundError(f"{place.topic} has no partition {place.partition}")
    consumer = topic_reader(settings)
    try:
        await consumer.start()
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        consumer.seek(place, offset)
        while await consumer.position(place) < end:
            if await consumer.getmany(timeout_ms=_READ_MILLISECONDS, max_records=1):
                raise PermanentError(
                    f"{place.topic} {place.partition}:{offset} can be read: there is nothing to "
                    "pass over; give the place that /readyz and the log name"
                )
    except UnreadableBatchError as error:
        return error.batch
    finally:
        await consumer.stop()
    raise NotFoundError(f"{place.topic} holds nothing at {place.partition}:{offset}")


async def skip(settings: KafkaSettings, batch: UnreadableBatch) -> None:
    """Write the dead letter that lets consumers pass over ``batch``."""
    topic, partition = batch.partition
    reason = (
        f"an operator passed over the {batch.size:,} bytes up to offset {batch.next_offset - 1}: "
        f"{batch.reason}"
    )
    headers = {
        "dlq-topic": topic,
        "dlq-partition": partition,
        "dlq-offset": batch.offset,
        "dlq-error-class": "SkippedBatch",
        "dlq-reason": reason,
        "dlq-attempts": 1,
        "dlq-failed-at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "dlq-value-bytes": batch.size,
        SKIPPED_TO: batch.next_offset,
    }
    await _write(settings, topic, [(name, str(value).encode()) for name, value in headers.items()])


async def admit(settings: KafkaSettings, admission: Admission) -> None:
    """Let dead letters of ``admission.topic`` into the queue without counting, for a while."""
    await _write(settings, admission.topic, admission.headers())


async def _write(settings: KafkaSettings, topic: str, headers: list[tuple[str, bytes]]) -> None:
    dead_letter_topic = topic + DEAD_LETTER_SUFFIX
    await partitions_of(settings, dead_letter_topic)
    async with asyncio.timeout(_WRITE_TIMEOUT_SECONDS):
        async with idempotent_producer(settings) as producer:
            await producer.send_and_wait(dead_letter_topic, key=b"", headers=headers)


def is_admission(record: ConsumerRecord[Any, Any]) -> bool:
    """Whether a record of a dead-letter topic is a decision, and no letter."""
    return any(name == ADMITTED_UNTIL for name, _ in record.headers)


def _texts(record: ConsumerRecord[Any, Any]) -> Iterator[tuple[str, str]]:
    for name, raw in record.headers:
        if cast("bytes | None", raw) is not None:
            yield name, raw.decode(errors="replace")
