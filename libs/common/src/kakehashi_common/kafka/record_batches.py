"""Reads record batches as brokers hand them over, so that a bad one is an error with an address.

aiokafka unpacks a batch while it polls. Whatever fails there fails the whole poll, for all
partitions, without a word about where; and its codecs unpack without limit. So :func:`install`
puts a reader of ours in the place of aiokafka's, for every consumer of the process:

* A batch that can't be unpacked raises :class:`UnreadableBatchError`, after everything before it
  was returned. The position stays in front of it.
* A batch unpacks to a bounded size (:mod:`kakehashi_common.kafka.compression`).
* A header's *name* that is not UTF-8 is read with U+FFFD in it, and no record is lost.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import aiokafka.consumer.fetcher
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException, KafkaError, UnsupportedCodecError
from aiokafka.record.default_records import (
    DefaultRecordBase,
    DefaultRecordBatch,
    _DefaultRecordBatchPy,
)
from aiokafka.record.memory_records import _MemoryRecordsPy

from kakehashi_common.kafka import compression
from kakehashi_common.kafka.compression import UnpackedTooLargeError

_FORMAT_WITH_OFFSETS = 2
"""Kafka's message format ("magic") since 0.11: the header of a batch holds its last offset."""


@dataclass(frozen=True, slots=True)
class UnreadableBatch:
    """The place of a batch that can't be unpacked, and the reason."""

    partition: TopicPartition
    offset: int
    """Its first record that was not read."""
    next_offset: int
    """The first offset behind it."""
    size: int
    """Its bytes, as they are in the topic."""
    reason: str

    @property
    def place(self) -> str:
        """The batch's place: ``topic[partition]@offset``."""
        return f"{self.partition.topic}[{self.partition.partition}]@{self.offset}"

    def __str__(self) -> str:
        """Say where it is, why it can't be unpacked and what to do."""
        topic, partition = self.partition
        return (
            f"{self.place}: the record batch up to offset {self.next_offset - 1} can't be "
            f"unpacked: {self.reason}; have its publisher send these records again, then pass over "
            f"it: python -m kakehashi_common.dead_letters skip {topic} {partition}:{self.offset}"
        )


class UnreadableBatchError(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """A poll met a batch that can't be unpacked; it meets it again until somebody seeks past it."""

    def __init__(self, batch: UnreadableBatch) -> None:
        super().__init__(str(batch))
        self.batch = batch

    def __str__(self) -> str:
        """Leave out the class's name, which aiokafka puts before its messages."""
        return str(self.batch)


class _Batches(_MemoryRecordsPy):  # type: ignore[misc]  # final to type checkers
    """The batches of one fetch; knows the bytes of the one in hand."""

    raw: memoryview

    def next_batch(self, *arguments: Any) -> Any:
        if self._next_slice is not None:
            self.raw = self._next_slice
        return super().next_batch(*arguments)


class _Names(bytearray):
    """Bytes of a batch that decode whatever is in them."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Names(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002 - as its base
        return super().decode(encoding, "replace")


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # final to type checkers
    """A batch with odd names of headers; slower, and asked only when the usual reader failed."""

    def __iter__(self) -> Self:
        super().__iter__()
        self._buffer: bytearray = _Names(self._buffer)
        return self


class _ReadablePartition(PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """The records of one fetch of one partition, up to a batch that can't be unpacked."""

    next_fetch_offset: int
    _records: _Batches

    def _unpack_records(self) -> Iterator[ConsumerRecord[bytes, bytes]]:
        begun_at = self.next_fetch_offset
        while True:
            try:
                try:
                    yield from super()._unpack_records()
                except UnicodeDecodeError:
                    yield from self._with_odd_names()
                    continue  # with the batches behind it
            except Exception as error:
                if self.next_fetch_offset != begun_at:
                    return  # what was read is returned first; the next fetch begins here
                raise UnreadableBatchError(self._unreadable(error)) from error
            return

    def _with_odd_names(self) -> Iterator[ConsumerRecord[bytes, bytes]]:
        batch = _LenientBatch(self._records.raw)
        for record in batch:
            if record.offset >= self.next_fetch_offset:
                self.next_fetch_offset = record.offset + 1
                yield self._consumer_record(self._tp, record)
        self.next_fetch_offset = batch.next_offset

    def _unreadable(self, error: Exception) -> UnreadableBatch:
        raw = self._records.raw
        header = DefaultRecordBase.HEADER_STRUCT
        next_offset = self.next_fetch_offset + 1
        if len(raw) >= header.size:
            base, _, _, magic, _, _, last_delta, *_ = header.unpack_from(raw)
            if magic >= _FORMAT_WITH_OFFSETS:
                next_offset = max(next_offset, base + last_delta + 1)
        return UnreadableBatch(
            self._tp, self.next_fetch_offset, next_offset, len(raw), _reason(error)
        )


def _reason(error: Exception) -> str:
    match error:
        case UnpackedTooLargeError():
            return str(error)
        case UnsupportedCodecError():
            return f"its compression is unknown ({error.args[0]})"
        case CorruptRecordException() if "CRC" in str(error):
            return "its checksum does not match its bytes"
        case _:
            return f"its bytes are corrupt ({type(error).__name__}: {error})"


def install() -> None:
    """Take the place of aiokafka's reader, in this process; harmless when done already."""
    fetcher: Any = aiokafka.consumer.fetcher
    fetcher.MemoryRecords = _Batches
    fetcher.PartitionRecords = _ReadablePartition
    for batch in (DefaultRecordBatch, _DefaultRecordBatchPy):  # compiled, and in Python
        module: Any = sys.modules[batch.__module__]
        module.gzip_decode = compression.gzip_decode
        module.snappy_decode = compression.snappy_decode
        module.lz4_decode = compression.lz4_decode
        module.zstd_decode = compression.zstd_decode
