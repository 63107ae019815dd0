"""Dead letters: a record that can't be handled, kept as it came with the reason in its headers.

It goes to ``<topic>-dlq`` with its key, value and headers untouched, and these headers added:

``dlq-topic`` ``dlq-partition`` ``dlq-offset``
    Where it was read. Together they identify it: a crash between the dead letter and the commit
    writes it twice.
``dlq-error-class`` ``dlq-reason``
    Why: the class of the error, and one sentence that names the field and the fix.
``dlq-attempts``
    How often it came here, counting replays.
``dlq-failed-at``
    When, UTC.
``dlq-value-bytes``
    Only where the record is too large for the topic: how large its value is, which is left out.
    The record itself is where it was read, for as long as its topic keeps it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from pydantic_core import from_json

from kakehashi_common.contracts.texts import visible
from kakehashi_common.contracts.topics import MAX_EVENT_BYTES, MAX_RECORD_BYTES, Topic
from kakehashi_common.dead_letters.limit import UNKNOWN_SOURCE
from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.kafka.producer import LazyProducer, acknowledged, idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings

PREFIX = "dlq-"
"""The prefix of our own headers' names."""

REPLAYED = "dlq-replayed"
"""Header of a record that ``dead_letters replay`` sent back: how often it had failed before."""

_REASON_LENGTH = 1000
_SEND_TIMEOUT_SECONDS = 30.0
_SOURCE_LENGTH = 1024

_KEPT_BYTES = (MAX_RECORD_BYTES, 100_000, 0)
"""Size limits to try in turn, in bytes: what the record's own topic takes, less where the
dead-letter topic takes less, and at last only our headers."""

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record and why it was set aside."""

    record: ConsumerRecord[bytes, bytes]
    error_class: str
    code: str
    """The error's stable code, for counting."""
    reason: str

    @classmethod
    def of(cls, record: ConsumerRecord[bytes, bytes], error: BaseException) -> "DeadLetter":
        """Say why ``error`` made ``record`` a dead letter."""
        code = error.code if isinstance(error, PermanentError) else "bug"
        return cls(record, type(error).__name__, code, _reason(error))

    @property
    def source(self) -> str:
        """The CloudEvents source of the record; empty where it can't be read."""
        for name, raw in self.record.headers:
            if name == "ce_source" and cast("bytes | None", raw) is not None:
                return str(raw, errors="replace")[:_SOURCE_LENGTH]
        value = self.record.value
        if value is None or not value.startswith(b"{") or len(value) > MAX_EVENT_BYTES:
            return UNKNOWN_SOURCE
        try:
            source: object = from_json(value).get("source")
        except ValueError:
            return UNKNOWN_SOURCE
        return source[:_SOURCE_LENGTH] if isinstance(source, str) else UNKNOWN_SOURCE

    @property
    def sent_key(self) -> bytes | None:
        """The record's key; an empty one where it has neither key nor value.

        aiokafka sends no record without both.
        """
        if self.record.key is None and self.record.value is None:
            return b""
        return cast("bytes | None", self.record.key)

    def headers(self, failed_at: datetime) -> Headers:
        """Return the record's own headers, then ours."""
        kept = [(name, raw) for name, raw in self.record.headers if not name.startswith(PREFIX)]
        return kept + self._ours(failed_at)

    def content(self, failed_at: datetime, most: int) -> tuple[bytes | None, bytes | None, Headers]:
        """Return key, value and headers, of ``most`` bytes before our headers come to them.

        A value that is too large is left out; then key and headers too, if they still are.
        """
        headers = self.headers(failed_at)
        key, value = self.sent_key, self.record.value
        beside = len(key or b"") + sum(
            len(name) + len(cast("bytes | None", raw) or b"") for name, raw in self.record.headers
        )
        if beside + len(value or b"") <= most:
            return key, value, headers
        left_out = ("dlq-value-bytes", str(len(value or b"")).encode())
        if beside <= most:
            return key or b"", None, [*headers, left_out]
        return b"", None, [*self._ours(failed_at), left_out]

    def _ours(self, failed_at: datetime) -> Headers:
        ours = {
            "dlq-topic": self.record.topic,
            "dlq-partition": self.record.partition,
            "dlq-offset": self.record.offset,
            "dlq-error-class": self.error_class,
            "dlq-reason": self.reason,
            "dlq-attempts": 1 + earlier_attempts(self.record),
            "dlq-failed-at": failed_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        }
        return [(name, str(value).encode()) for name, value in ours.items()]


class DeadLetterSink:
    """Writes dead letters, and returns when the broker has them."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[Topic]) -> None:
        self._destinations = {topic.name: topic.dead_letter_topic for topic in topics}
        self._producer = LazyProducer(partial(idempotent_producer, settings, linger_ms=0))

    async def write(self, letters: Sequence[DeadLetter]) -> None:
        """Write all of them.

        Raises:
            TransientError: the broker doesn't take them now; some may have been written.
        """
        for most in _KEPT_BYTES:
            try:
                return await self._write(letters, most)
            except (MessageSizeTooLargeError, RecordListTooLargeError):
                await self.close()  # the numbering of its records has a gap now
        names = ", ".join(sorted({self._destinations[each.record.topic] for each in letters}))
        raise TransientError(f"{names}: max.message.bytes is too small for the smallest letter")

    async def _write(self, letters: Sequence[DeadLetter], most: int) -> None:
        failed_at = datetime.now(UTC)
        try:
            async with asyncio.timeout(_SEND_TIMEOUT_SECONDS):
                producer = await self._producer.started()
                contents = ((each.record.topic, each.content(failed_at, most)) for each in letters)
                await acknowledged(
                    producer.send(self._destinations[topic], value, key, headers=headers)
                    for topic, (key, value, headers) in contents
                )
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            raise
        except (KafkaError, TimeoutError) as error:
            await self.close()
            names = {self._destinations[letter.record.topic] for letter in letters}
            raise TransientError(
                f"{', '.join(sorted(names))} can't be written: {str(error) or type(error).__name__}"
            ) from error

    async def close(self) -> None:
        """Stop the producer; the next write starts another."""
        await self._producer.close()


def earlier_attempts(record: ConsumerRecord[Any, Any]) -> int:
    """Return how often a replayed record had failed before; 0 for one that is no replay."""
    for name, raw in record.headers:
        # a foreign header may hold anything, and null against aiokafka's own types
        if name == REPLAYED and cast("bytes | None", raw) is not None and raw.isdigit():
            return int(raw[:9])
    return 0


def _reason(error: BaseException) -> str:
    text = " ".join(visible(str(error)).split()) or "no message"
    if len(text) > _REASON_LENGTH:
        text = text[:_REASON_LENGTH] + "…"
    return text
