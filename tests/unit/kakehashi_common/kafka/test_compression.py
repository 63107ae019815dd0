"""Every codec unpacks up to the bound, says when there is more, and what is corrupt."""

import gzip
from collections.abc import Callable
from typing import Any

import cramjam
import pytest
from aiokafka import codec

from kakehashi_common.kafka import compression
from kakehashi_common.kafka.compression import MAX_UNPACKED_BYTES, UnpackedTooLargeError

Pack = Callable[[bytes], bytes]
Unpack = Callable[[Any], bytes]

CODECS: dict[str, tuple[Pack, Unpack]] = {
    "gzip": (codec.gzip_encode, compression.gzip_decode),
    "gzip in two members": (
        lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:]),
        compression.gzip_decode,
    ),
    "zstd": (codec.zstd_encode, compression.zstd_decode),
    "lz4": (codec.lz4_encode, compression.lz4_decode),
    "snappy of Java": (codec.snappy_encode, compression.snappy_decode),
    "snappy": (
        lambda data: bytes(cramjam.snappy.compress_raw(data)),
        compression.snappy_decode,
    ),
}

TEXT = b'{"lead_id": "crm-1", "kind": "page_viewed"}'


@pytest.mark.parametrize(("pack", "unpack"), CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("data", [b"x", TEXT, TEXT * 40_000, bytes(3_000_000)])
def test_what_was_packed_is_unpacked(pack: Pack, unpack: Unpack, data: bytes) -> None:
    assert unpack(pack(data)) == data


@pytest.mark.parametrize(("pack", "unpack"), CODECS.values(), ids=CODECS)
def test_a_byte_more_than_the_bound_is_too_much(pack: Pack, unpack: Unpack) -> None:
    assert len(unpack(pack(bytes(MAX_UNPACKED_BYTES)))) == MAX_UNPACKED_BYTES
    with pytest.raises(UnpackedTooLargeError, match="more than 67,108,864 bytes"):
        unpack(pack(bytes(MAX_UNPACKED_BYTES + 1)))


@pytest.mark.parametrize(("pack", "unpack"), CODECS.values(), ids=CODECS)
def test_corrupt_bytes_are_an_error_at_once(pack: Pack, unpack: Unpack) -> None:
    packed = bytearray(pack(TEXT * 100))
    for at in range(20, len(packed), 3):
        packed[at] ^= 0x5A
    with pytest.raises(Exception, match=r".") as caught:
        unpack(bytes(packed))
    assert not isinstance(caught.value, MemoryError)
