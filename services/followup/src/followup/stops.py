"""Advisory locks that order stops (opt-outs and the like) and the decisions to send a mail.

A transaction that records a stop (an opt-out, a suppression, a pause, an erasure, an incoming mail)
takes exclusive locks on the contacts concerned. A transaction that decides to send a mail takes
shared locks on its recipient, and only then asks the send policy. So a stop that is committed is
obeyed, and one that comes later finds the mail already on its way.

Both take the locks before any row lock, in the same order, so they can't deadlock.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from kakehashi_common.db import RawConnection

Key = tuple[str, str]
"""The subject of a stop: a kind and a value, as in ``SuppressionKey``; or ``EVERYBODY``."""

EVERYBODY: Final[Key] = ("everybody", "")
"""Of a stop that concerns everybody, or more than :data:`_NAMED_AT_MOST`."""


async def stop(connection: RawConnection, keys: Iterable[Key]) -> None:
    """Wait for decisions to send to ``keys`` that are under way, and hold up later ones.

    Stops of the same keys wait for each other, too, and for one that concerns everybody. The locks
    are released when the transaction ends.
    """
    numbers = locks(keys)
    if len(numbers) > _NAMED_AT_MOST:
        numbers = [_EVERYBODY_LOCK]
    if numbers and numbers[0] != _EVERYBODY_LOCK:
        await connection.execute("select pg_advisory_xact_lock_shared($1)", _EVERYBODY_LOCK)
    await connection.execute(
        "select pg_advisory_xact_lock(key) from unnest($1::bigint[]) key", numbers
    )


async def share(
    connection: RawConnection, keys: Iterable[Key], *, alone: Iterable[Key] = ()
) -> None:
    """Wait for stops of ``keys`` or of everybody that are under way, and hold up later ones.

    Of decisions that name the same key in ``alone`` only one is under way at a time.
    """
    await connection.execute(
        "select pg_advisory_xact_lock_shared(key) from unnest($1::bigint[]) key "
        "union all select pg_advisory_xact_lock(key) from unnest($2::bigint[]) key",
        locks([*keys, EVERYBODY]),
        locks(alone),
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
