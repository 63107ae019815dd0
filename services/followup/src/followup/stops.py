"""What forbids a mail, and the transaction that says that a mail goes, one after the other.

Whoever records an opt-out, a suppression, a pause, an erasure or a mail that came in takes the
locks of whom it concerns until its transaction ends; whoever lets a mail go shares the locks of its
recipient, and asks the send policy behind them. So each sees the other whole or comes before it:
a stop that was recorded is obeyed, and one that comes later finds the mail on its way.

Both take them before any row is locked, and in one order.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from kakehashi_common.db import RawConnection

Key = tuple[str, str]
"""What is stopped, and which: a ``SuppressionKey``, or ``EVERYBODY``."""

EVERYBODY: Final[Key] = ("everybody", "")
"""Of a stop that concerns all, or too many to name each."""


async def stop(connection: RawConnection, keys: Iterable[Key]) -> None:
    """Wait for mails to those whom ``keys`` name that are being let go, and hold up others.

    Stops of the same wait for each other, too, also where one of them concerns everybody.
    """
    numbers = locks(keys)
    if len(numbers) > _NAMED_AT_MOST:
        numbers = [_EVERYBODY_LOCK]
    if numbers and numbers[0] != _EVERYBODY_LOCK:
        await connection.execute("select pg_advisory_xact_lock_shared($1)", _EVERYBODY_LOCK)
    await connection.execute(
        "select pg_advisory_xact_lock(key) from unnest($1::bigint[]) key", numbers
    )


async def share(connection: RawConnection, keys: Iterable[Key]) -> None:
    """Wait for stops of those whom ``keys`` name, or of everybody, and hold up others."""
    await connection.execute(
        "select pg_advisory_xact_lock_shared(key) from unnest($1::bigint[]) key",
        locks([*keys, EVERYBODY]),
    )


def locks(keys: Iterable[Key]) -> list[int]:
    """Return PostgreSQL's numbers of locks, in the one order in which all take them."""
    return sorted({_EVERYBODY_LOCK if key == EVERYBODY else _lock(*key) for key in keys})


_NAMED_AT_MOST: Final = 50
"""Each lock takes a place of PostgreSQL's shared memory until the transaction ends."""
_EVERYBODY_LOCK: Final = -(2**63)
"""The least: who stops everybody then waits for nobody who waits for them."""


def _lock(kind: str, value: str) -> int:
    digest = blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
