"""Reading a dead-letter topic, and sending records back to where they came from.

What was sent back is remembered where Kafka keeps positions: in the committed offset of the group
``dlq-replay-<topic>``. The offset is the first letter that was not replayed yet; its metadata is a
bitmap of those after it that were.
"""

import asyncio
import base64
import sys
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from kakehashi_common.dead_letters import PREFIX, REPLAYED
from kakehashi_common.errors import NotFoundError, TooLargeError
from kakehashi_common.messaging.producer import idempotent_producer
from kakehashi_common.messaging.settings import KafkaSettings
from kakehashi_common.topics import admin_client

SUFFIX = "-dlq"
"""What ``contracts.topics.Topic.dead_letter_topic`` adds to a topic's name."""

CHUNK = 200
"""Letters sent back between two commits: a crash repeats at most so many."""

_METADATA_BYTES = 4096
"""Kafka's ``offset.metadata.max.bytes``."""


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """One record of a dead-letter topic."""

    record: ConsumerRecord[bytes, bytes]
    replayed: bool
    """Whether it was sent back already."""
    ours: Mapping[str, str] = field(default_factory=dict)
    """The ``dlq-*`` headers."""

    @property
    def origin(self) -> str:
        """Where it was read: ``topic[partition]@offset``. The same twice is the same record."""
        get = self.ours.get
        return f"{get('dlq-topic', '?')}[{get('dlq-partition', '?')}]@{get('dlq-offset', '?')}"

    @property
    def position(self) -> str:
        """Where it is in the dead-letter topic: ``partition:offset``."""
        return f"{self.record.partition}:{self.record.offset}"

    @property
    def error_class(self) -> str:
        """Why, in one word."""
        return self.ours.get("dlq-error-class", "unknown")

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        return self.ours.get("dlq-reason", "written by somebody else: no dlq-reason header")

    def headers_to_send_back(self) -> list[tuple[str, bytes]]:
        """Return its own headers, and how often it has failed."""
        kept = [(name, raw) for name, raw in self.record.headers if not name.startswith(PREFIX)]
        return [*kept, (REPLAYED, self.ours.get("dlq-attempts", "1").encode())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which letters are meant: all that were not replayed yet, unless narrowed or widened."""

    error_class: str | None = None
    first_offset: int = 0
    last_offset: int = sys.maxsize
    replayed_too: bool = False

    def takes(self, letter: StoredLetter) -> bool:
        """Whether ``letter`` is meant."""
        return (
            self.first_offset <= letter.record.offset <= self.last_offset
            and self.error_class in {None, letter.error_class}
            and (self.replayed_too or not letter.replayed)
        )


@dataclass(slots=True)
class Progress:
    """Which offsets of one partition were replayed: all below ``next``, and those in ``ahead``."""

    next: int = 0
    ahead: set[int] = field(default_factory=set)

    def __contains__(self, offset: int) -> bool:
        return offset < self.next or offset in self.ahead

    def add(self, offset: int) -> None:
        """Note one more."""
        if offset >= self.next:
            self.ahead.add(offset)
        while self.next in self.ahead:
            self.ahead.remove(self.next)
            self.next += 1

    def metadata(self) -> str:
        """Return ``ahead`` as text.

        Raises:
            TooLargeError: the pattern doesn't fit into an offset's metadata.
        """
        if not self.ahead:
            return ""
        bits = sum(1 << (offset - self.next) for offset in self.ahead)
        packed = zlib.compress(bits.to_bytes(bits.bit_length() // 8 + 1, "little"), 9)
        text = base64.b85encode(packed).decode()
        if len(text) > _METADATA_BYTES:
            raise TooLargeError(
                f"too scattered to remember: replay the letters from offset {self.next} on first"
            )
        return text

    @classmethod
    def read(cls, offset: int, metadata: str) -> "Progress":
        """Return what was remembered."""
        if not metadata:
            return cls(offset)
        bits = int.from_bytes(zlib.decompress(base64.b85decode(metadata)), "little")
        return cls(offset, {offset + n for n in range(bits.bit_length()) if bits >> n & 1})


class DeadLetterQueue:
    """The dead letters of one topic.

    Args:
        settings: How to reach Kafka.
        topic: The topic they came from, or its dead-letter topic.
    """

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._settings = settings
        self.origin = topic.removesuffix(SUFFIX)
        self.topic = self.origin + SUFFIX
        self.group = f"dlq-replay-{self.origin}"

    async def letters(self) -> AsyncIterator[StoredLetter]:
        """Yield every letter there is now, partition by partition in order.

        Raises:
            NotFoundError: there is no such topic.
        """
        progress = await self._progress()
        async with self._consumer(group=None) as consumer:
            consumer.assign(list(progress))
            ends = await consumer.end_offsets(list(progress))
            for partition, end in ends.items():
                if end == 0:
                    continue
                consumer.pause(*(p for p in ends if p != partition))
                consumer.resume(partition)
                while await consumer.position(partition) < end:
                    found = await consumer.getmany(partition, timeout_ms=500)
                    for record in found.get(partition, ()):
                        if record.offset < end:
                            yield _stored(record, replayed=record.offset in progress[partition])

    async def letter(self, partition: int, offset: int) -> StoredLetter:
        """Return one letter.

        Raises:
            NotFoundError: nothing is there.
        """
        async for letter in self.letters():
            if (letter.record.partition, letter.record.offset) == (partition, offset):
                return letter
        raise NotFoundError(f"{self.topic} holds no record at {partition}:{offset}")

    async def select(self, selection: Selection) -> list[StoredLetter]:
        """Return the letters that ``selection`` takes; one that was written twice comes once."""
        chosen: dict[str, StoredLetter] = {}
        async for letter in self.letters():
            if selection.takes(letter):
                known = letter.ours.get("dlq-offset") is not None
                chosen.setdefault(letter.origin if known else letter.position, letter)
        return list(chosen.values())

    async def replay(self, letters: Sequence[StoredLetter]) -> int:
        """Send ``letters`` back to their topic, key and headers as they were; return how many.

        They get the header ``dlq-replayed``. A crash repeats at most :data:`CHUNK` of them.

        Raises:
            TooLargeError: what was replayed is too scattered to be remembered.
        """
        progress = await self._progress()
        producer = idempotent_producer(self._settings)
        async with self._consumer(group=self.group) as consumer:
            consumer.assign(list(progress))
            await producer.start()
            try:
                for start in range(0, len(letters), CHUNK):
                    chunk = letters[start : start + CHUNK]
                    acknowledged = [
                        await producer.send(
                            self.origin,
                            letter.record.value,
                            letter.record.key,
                            headers=letter.headers_to_send_back(),
                        )
                        for letter in chunk
                    ]
                    await asyncio.gather(*acknowledged)
                    for letter in chunk:
                        partition = TopicPartition(self.topic, letter.record.partition)
                        progress[partition].add(letter.record.offset)
                    await consumer.commit(
                        {p: (done.next, done.metadata()) for p, done in progress.items()}
                    )
            finally:
                await producer.stop()
        return len(letters)

    async def _progress(self) -> dict[TopicPartition, Progress]:
        async with admin_client(self._settings) as admin:
            if self.topic not in await admin.list_topics():
                raise NotFoundError(f"there is no topic {self.topic}")
            [described] = await admin.describe_topics([self.topic])
            found = await admin.list_consumer_group_offsets(self.group)
        partitions = sorted(p["partition"] for p in described["partitions"])
        progress = {}
        for partition in (TopicPartition(self.topic, p) for p in partitions):
            there = found.get(partition)
            progress[partition] = (
                Progress.read(there.offset, there.metadata) if there else Progress()
            )
        return progress

    @asynccontextmanager
    async def _consumer(self, group: str | None) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            **self._settings.client_arguments(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            await consumer.start()
            yield consumer
        finally:
            await consumer.stop()


def _stored(record: ConsumerRecord[bytes, bytes], *, replayed: bool) -> StoredLetter:
    ours = {
        name: raw.decode(errors="replace")
        for name, raw in record.headers
        # a foreign record may hold null, against aiokafka's own types
        if name.startswith(PREFIX) and cast("bytes | None", raw) is not None
    }
    return StoredLetter(record, replayed, ours)
