"""Records as other clients write them and disks corrupt them, which aiokafka can't produce."""

import os
import struct
from collections.abc import Callable, Sequence
from unittest.mock import patch

import pytest
from aiokafka.record.default_records import DefaultRecordBase, _DefaultRecordBatchBuilderPy
from aiokafka.record.util import calc_crc32c

from kakehashi_common.cloudevents.codec import Outgoing
from kakehashi_common.contracts.topics import Topic
from tests.support import stack
from tests.support.kafka import TestBroker

_HEADER = DefaultRecordBase.HEADER_STRUCT
_CODEC = DefaultRecordBase.ATTRIBUTES_OFFSET + 1
_BODY = DefaultRecordBase.HEADER_STRUCT.size


class _Latin1(str):
    """A text that another client encodes differently."""

    __slots__ = ()

    def encode(self, *_arguments: object) -> bytes:
        return b"caf\xe9"


async def publish_with_unreadable_header_name(
    broker: TestBroker, topic: Topic, records: Sequence[Outgoing], odd: int
) -> None:
    """Publish records to partition 1, one of them with a header whose name is not UTF-8.

    librdkafka sends such names. Here aiokafka's record builder in Python is used in place of the
    compiled one, which takes nothing but a ``str``.
    """
    builder = _DefaultRecordBatchBuilderPy
    with (
        patch("aiokafka.producer.message_accumulator.DefaultRecordBatchBuilder", builder),
        patch("aiokafka.producer.producer.DefaultRecordBatchBuilder", builder),
    ):
        record = records[odd]
        strange = Outgoing(record.key, record.value, [*record.headers, (_Latin1("caf"), b"1")])
        sent = [*records[:odd], strange, *records[odd + 1 :]]
        await broker.publish(topic, sent, partition=1)


def break_checksum(batch: bytearray) -> None:
    """Change a byte, as a faulty disk does."""
    batch[-1] ^= 0xFF


def break_bytes(batch: bytearray) -> None:
    """Corrupt the compressed data under a right checksum, as a broken client does."""
    for at in range(_BODY + 8, len(batch), 7):
        batch[at] ^= 0x5A
    _sign(batch)


def break_codec(batch: bytearray) -> None:
    """Name an unknown compression, as a future client may."""
    batch[_CODEC] |= 0x07
    _sign(batch)


def change_batch_on_disk(
    broker: TestBroker, topic: Topic, offset: int, change: Callable[[bytearray], None]
) -> None:
    """Change the batch of partition 1 that begins at ``offset`` in the broker's log itself."""
    log = stack.INSTANCE.state / "kafka" / "data" / f"{topic.name}-1" / f"{0:020}.log"
    if broker.settings.bootstrap_servers != stack.kafka() or not log.exists():
        pytest.skip("the broker's log is not on this machine")
    content = log.read_bytes()
    at = 0
    while at < len(content):
        base, length, *_ = _HEADER.unpack_from(content, at)
        end = at + 12 + length
        if base == offset:
            batch = bytearray(content[at:end])
            change(batch)
            with log.open("r+b") as file:
                os.pwrite(file.fileno(), bytes(batch), at)
            return
        at = end
    raise AssertionError(f"no batch begins at {offset}")


def _sign(batch: bytearray) -> None:
    checksum = calc_crc32c(bytes(batch[DefaultRecordBase.ATTRIBUTES_OFFSET :]))
    struct.pack_into(">I", batch, DefaultRecordBase.CRC_OFFSET, checksum)
