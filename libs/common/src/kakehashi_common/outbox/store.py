"""The outbox: messages written in the transaction that causes them, published afterwards.

The order of one key is kept as long as writers of that key exclude each other until they commit:
lock or update the row the message is about (the lead's) *before* adding the message.

Delivery is at-least-once: a message is deleted in a transaction that commits only after the
broker has acknowledged it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    insert,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kakehashi_common.db import RawConnection

Headers = Sequence[tuple[str, bytes]]

_COLUMNS = ("shard", "topic", "key", "value", "headers")
_encode_headers = msgspec.msgpack.Encoder().encode
_headers_decoder = msgspec.msgpack.Decoder(list[tuple[str, bytes]])


@dataclass(frozen=True, slots=True)
class Message:
    """One Kafka message to be. ``value=None`` is a tombstone; ``key=None`` spreads freely.

    Kafka takes no message that has neither: :func:`add` and :func:`copy` raise ``ValueError``.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def table(metadata: MetaData, name: str = "outbox") -> Table:
    """Declare the outbox table in ``metadata``."""
    return Table(
        name,
        metadata,
        Column(
            "shard",
            SmallInteger,
            primary_key=True,
            autoincrement=False,
            doc="0: to be published; -1: set aside",
        ),
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary, doc="NULL for a tombstone"),
        Column("headers", LargeBinary, nullable=False, doc="msgpack: [[name, bytes], …]"),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        # Every row is deleted soon after it was written: vacuum by number, not by share, so that
        # the relay never walks over a long trail of dead rows.
        postgresql_with={
            "autovacuum_vacuum_scale_factor": 0,
            "autovacuum_vacuum_threshold": 20000,
            "autovacuum_vacuum_insert_threshold": -1,
            "autovacuum_vacuum_cost_delay": 0,
            # A message lives for milliseconds: compressing it, or moving it out of the row, only
            # costs. This is the most that a page takes.
            "toast_tuple_target": 8160,
        },
    )


async def add(
    connection: AsyncConnection | AsyncSession, outbox: Table, messages: Iterable[Message]
) -> None:
    """Add ``messages`` in the caller's transaction."""
    rows = [dict(zip(_COLUMNS, _row(m), strict=True)) for m in messages]
    if rows:
        await connection.execute(insert(outbox), rows)


async def copy(connection: RawConnection, outbox: Table, messages: Iterable[Message]) -> None:
    """Add ``messages`` in the caller's transaction by ``COPY``: for hundreds at once."""
    records = [_row(m) for m in messages]
    if records:
        await connection.copy_records_to_table(
            outbox.name, schema_name=outbox.schema, records=records, columns=_COLUMNS
        )


def decode_headers(stored: bytes) -> list[tuple[str, bytes]]:
    """Return the Kafka headers of a stored message."""
    return _headers_decoder.decode(stored)


def _row(message: Message) -> tuple[int, str, bytes | None, bytes | None, bytes]:
    if message.key is None and message.value is None:
        raise ValueError(f"a message to {message.topic} has neither key nor value")
    return (
        0,  # to be published
        message.topic,
        message.key,
        message.value,
        _encode_headers(message.headers),
    )
