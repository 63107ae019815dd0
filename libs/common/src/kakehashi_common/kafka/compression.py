"""Unpacks compressed record batches up to a size: a few kilobytes can say "a gigabyte of zeros"."""

import gzip
import io
from collections.abc import Callable
from typing import Final

import cramjam
from aiokafka.codec import _detect_xerial_stream

MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
"""Bytes of one record batch after unpacking: eight times what a broker of ours takes packed, and
sixty times what producers put into a batch by default."""

_FIRST_GUESS: Final = 4
"""Expected ratio of a batch's size to its compressed size: JSON's usual one."""

_DOES_NOT_FIT: Final = "failed to write whole buffer"
"""The message of cramjam when the output is full."""

_XERIAL_HEADER_BYTES: Final = 16
_XERIAL_LENGTH_BYTES: Final = 4


class UnpackedTooLargeError(Exception):
    """A batch holds more than :data:`MAX_UNPACKED_BYTES`."""

    def __init__(self) -> None:
        super().__init__(f"it unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")


def gzip_decode(packed: bytes | memoryview) -> bytes:
    """Unpack gzip.

    Raises:
        UnpackedTooLargeError: it holds too much.
        OSError, EOFError, zlib.error: it is corrupt.
    """
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        unpacked = file.read(MAX_UNPACKED_BYTES + 1)
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise UnpackedTooLargeError
    return unpacked


def zstd_decode(packed: bytes) -> bytes:
    """Unpack Zstandard.

    Raises:
        UnpackedTooLargeError: it holds too much.
        cramjam.DecompressionError: it is corrupt.
    """
    return _decompress(cramjam.zstd.decompress_into, packed)


def lz4_decode(packed: bytes) -> bytes:
    """Unpack LZ4 frames; raises what :func:`zstd_decode` does."""
    return _decompress(cramjam.lz4.decompress_into, packed)


def snappy_decode(packed: bytes) -> bytes:
    """Unpack Snappy, raw or in the blocks of Java's library; raises what :func:`zstd_decode` does.

    Each block begins with its unpacked size, which Snappy holds itself to.
    """
    blocks = _xerial_blocks(packed) if _detect_xerial_stream(packed) else [packed]
    if sum(map(cramjam.snappy.decompress_raw_len, blocks)) > MAX_UNPACKED_BYTES:
        raise UnpackedTooLargeError
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)


def _decompress(unpack_into: Callable[[bytes, bytearray], int], packed: bytes) -> bytes:
    size = _FIRST_GUESS * len(packed)
    while True:
        buffer = bytearray(min(size, MAX_UNPACKED_BYTES))
        try:
            length = unpack_into(packed, buffer)
        except cramjam.DecompressionError as error:
            if _DOES_NOT_FIT not in str(error):
                raise
            if size >= MAX_UNPACKED_BYTES:
                raise UnpackedTooLargeError from None
            size *= _FIRST_GUESS
        else:
            return bytes(memoryview(buffer)[:length])


def _xerial_blocks(packed: bytes) -> list[bytes]:
    blocks = []
    at = _XERIAL_HEADER_BYTES
    while at < len(packed):
        begin = at + _XERIAL_LENGTH_BYTES
        at = begin + int.from_bytes(packed[at:begin], "big")
        blocks.append(packed[begin:at])
    return blocks
