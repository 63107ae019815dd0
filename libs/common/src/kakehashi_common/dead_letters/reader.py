"""Read a dead-letter topic, and send records back to where they came from.

Which letters were sent back is recorded in the dead-letter topic itself: a marker, a small record
with the header ``dlq-replayed-letter``, follows the letter. A consumer group's offsets are not
enough: Kafka forgets those of a group without members after seven days, and they hold a single
position, not "these by reason, the others later".
"""

import sys
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from aiokafka import ConsumerRecord

from kakehashi_common.contracts.topics import DEAD_LETTER_SUFFIX
from kakehashi_common.dead_letters.decisions import is_admission
from kakehashi_common.dead_letters.writer import PREFIX, REPLAYED
from kakehashi_common.errors import NotFoundError
from kakehashi_common.kafka.producer import acknowledged, idempotent_producer
from kakehashi_common.kafka.reader import held_records
from kakehashi_common.kafka.settings import KafkaSettings

CHUNK = 200
"""Letters that are sent back before they are marked; a crash repeats at most this many."""

MARKER = "dlq-replayed-letter"
"""Header of a marker: the position of the letter that was sent back."""


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """One record of a dead-letter topic."""

    record: ConsumerRecord[bytes, bytes]
    ours: Mapping[str, str]
    """The ``dlq-*`` headers."""
    replayed: bool = False
    """Whether its record was sent back already, by this letter or by another one of the record."""

    @property
    def origin(self) -> str:
        """The record's place: ``topic[partition]@offset``.

        Two letters with the same origin hold the same record: two services have set it aside, or a
        crash repeated it.
        """
        get = self.ours.get
        return f"{get('dlq-topic', '?')}[{get('dlq-partition', '?')}]@{get('dlq-offset', '?')}"

    @property
    def position(self) -> str:
        """The letter's place in the dead-letter topic: ``partition:offset``."""
        return f"{self.record.partition}:{self.record.offset}"

    @property
    def identity(self) -> str:
        """The same for all letters of one record."""
        return self.position if self.ours.get("dlq-offset") is None else self.origin

    @property
    def omitted_bytes(self) -> int | None:
        """The size of the value that was left out; ``None`` where the letter is whole."""
        size = self.ours.get("dlq-value-bytes", "")
        return int(size) if size.isdecimal() else None

    @property
    def error_class(self) -> str:
        """The reason in one word."""
        return self.ours.get("dlq-error-class", "unknown")

    @property
    def reason(self) -> str:
        """The reason in one sentence."""
        return self.ours.get("dlq-reason", "written by somebody else: no dlq-reason header")

    def headers_to_send_back(self) -> list[tuple[str, bytes]]:
        """Return the record's own headers, and the number of times that it has failed."""
        kept = [(name, raw) for name, raw in self.record.headers if not name.startswith(PREFIX)]
        return [*kept, (REPLAYED, self.ours.get("dlq-attempts", "1").encode())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A choice of letters: all that were not replayed yet, unless narrowed or widened."""

    error_class: str | None = None
    first_offset: int = 0
    last_offset: int = sys.maxsize
    positions: Container[str] | None = None
    """Only letters at these; ``None``: at any."""
    replayed_too: bool = False
    incomplete_too: bool = True
    """Whether letters without their value are meant: they can't be sent back."""

    def matches(self, letter: StoredLetter) -> bool:
        """Whether ``letter`` is meant."""
        return (
            self.first_offset <= letter.record.offset <= self.last_offset
            and self.error_class in {None, letter.error_class}
            and (self.positions is None or letter.position in self.positions)
            and (self.replayed_too or not letter.replayed)
            and (self.incomplete_too or letter.omitted_bytes is None)
        )


class DeadLetterQueue:
    """The dead letters of one topic.

    Args:
        settings: How to reach Kafka.
        topic: The topic they came from, or its dead-letter topic.
    """

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._settings = settings
        self.origin = topic.removesuffix(DEAD_LETTER_SUFFIX)
        self.topic = self.origin + DEAD_LETTER_SUFFIX

    async def letters(self) -> AsyncIterator[StoredLetter]:
        """Yield every letter there is now, partition by partition in order.

        Raises:
            NotFoundError: there is no such topic.
        """
        replayed = await self._replayed()
        async for record in self._records():
            if _marked(record) is None and not is_admission(record):
                letter = _stored(record)
                yield replace(letter, replayed=letter.identity in replayed)

    async def _replayed(self) -> set[str]:
        """Return the identities of the letters that were sent back."""
        identities: dict[str, str] = {}
        replayed: set[str] = set()
        async for record in self._records():
            position = _marked(record)
            if position is None:
                letter = _stored(record)
                identities[letter.position] = letter.identity
            elif position in identities:  # a marker follows its letter
                replayed.add(identities[position])
        return replayed

    async def letter(self, position: str) -> StoredLetter:
        """Return one letter.

        Raises:
            NotFoundError: nothing is there.
        """
        # To the end, since a generator left half-read closes its consumer late and says so on
        # stderr.
        found = [letter async for letter in self.letters() if letter.position == position]
        if not found:
            raise NotFoundError(f"{self.topic} holds no letter at {position}")
        return found[0]

    async def select(self, selection: Selection) -> list[StoredLetter]:
        """Return the letters that ``selection`` matches; of one record only the first."""
        chosen: dict[str, StoredLetter] = {}
        async for letter in self.letters():
            if selection.matches(letter):
                chosen.setdefault(letter.identity, letter)
        return list(chosen.values())

    async def replay(self, letters: Sequence[StoredLetter]) -> int:
        """Send ``letters`` back to their topic, key and headers as they were; return how many.

        They get the header ``dlq-replayed``. A crash repeats at most :data:`CHUNK` of them.
        """
        async with idempotent_producer(self._settings) as producer:
            for start in range(0, len(letters), CHUNK):
                chunk = letters[start : start + CHUNK]
                await acknowledged(
                    producer.send(
                        self.origin,
                        letter.record.value,
                        letter.record.key,
                        headers=letter.headers_to_send_back(),
                    )
                    for letter in chunk
                )
                await acknowledged(
                    producer.send(
                        self.topic,
                        key=letter.position.encode(),
                        partition=letter.record.partition,
                        headers=[(MARKER, letter.position.encode())],
                    )
                    for letter in chunk
                )
        return len(letters)

    def _records(self) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
        """Yield what the topic holds now, markers included."""
        return held_records(self._settings, self.topic)


def _marked(record: ConsumerRecord[bytes, bytes]) -> str | None:
    """Return which letter a marker marks; ``None`` for a letter."""
    for name, raw in record.headers:
        # a foreign record may hold null, against aiokafka's own types
        if name == MARKER and cast("bytes | None", raw) is not None:
            return str(raw.decode(errors="replace"))
    return None


def _stored(record: ConsumerRecord[bytes, bytes]) -> StoredLetter:
    ours = {
        name: raw.decode(errors="replace")
        for name, raw in record.headers
        if name.startswith(PREFIX) and cast("bytes | None", raw) is not None
    }
    return StoredLetter(record, ours)
