"""The inbox: which events have been taken in, so that a second delivery changes nothing.

Its rows are written in the transaction that also writes what the events caused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, Uuid, func

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class Admission:
    """The result of :func:`admit`, in the order of the events that were offered."""

    new: list[bool]
    """Whether the event is seen for the first time; later copies in one batch are not new."""
    conflicts: list[int]
    """Positions of events that were seen before with another hash (same source and id).

    Another hash of the bytes need not be another content: only the first copy can show it.
    """

    @property
    def duplicates(self) -> int:
        """The number of events that were seen before, conflicts included."""
        return self.new.count(False)


def table(metadata: MetaData, name: str = "inbox") -> Table:
    """Declare the inbox table in ``metadata``."""
    inbox = Table(
        name,
        metadata,
        Column("event_key", Uuid, primary_key=True, doc="Digest of the event's source and id"),
        Column("content_hash", BigInteger, nullable=False, doc="Digest of type, time and data"),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    # Rows arrive in the order of their age, so a block range index finds the old ones for a
    # thousandth of a B-tree's size and write cost.
    Index(f"ix_{name}_received_at", inbox.c.received_at, postgresql_using="brin")
    return inbox


async def admit(
    connection: RawConnection, inbox: Table, keys: Sequence[UUID], hashes: Sequence[int]
) -> Admission:
    """Take in a batch of events, in the caller's transaction.

    ``keys`` identify the events, ``hashes`` (signed 64 bit) digest their content; both have the
    same length. A concurrent transaction that admits the same key is waited for.
    """
    first: dict[UUID, int] = {}
    for position, key in enumerate(keys):
        first.setdefault(key, position)
    distinct = list(first)
    name = _qualified(inbox)
    # Sorted, so that two consumers with overlapping batches wait instead of deadlocking.
    inserted = await connection.fetch(
        f"insert into {name} (event_key, content_hash) "  # noqa: S608 - our own table's name
        "select k, h from unnest($1::uuid[], $2::bigint[]) as offered (k, h) order by k "
        "on conflict do nothing returning event_key",
        distinct,
        [hashes[position] for position in first.values()],
    )
    if len(inserted) == len(keys):
        return Admission(new=[True] * len(keys), conflicts=[])
    known = {row[0] for row in inserted}
    stored = {key: hashes[first[key]] for key in known}
    seen = [key for key in distinct if key not in known]
    if seen:
        rows = await connection.fetch(
            f"select event_key, content_hash from {name} where event_key = any($1::uuid[])",  # noqa: S608
            seen,
        )
        stored.update((row[0], row[1]) for row in rows)
    return Admission(
        new=[key in known and first[key] == position for position, key in enumerate(keys)],
        conflicts=[
            position for position, key in enumerate(keys) if stored[key] != hashes[position]
        ],
    )


def _qualified(table: Table) -> str:
    return table.fullname
