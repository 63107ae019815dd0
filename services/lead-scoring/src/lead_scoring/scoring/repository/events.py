"""The event log: every event as it came, by month of arrival, for as-of scores and exports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from kakehashi_common.db import RawConnection

log = structlog.get_logger(__name__)

_COLUMNS = (
    "received_at",
    "event_key",
    "lead_id",
    "occurred_at",
    "type",
    "source",
    "event_id",
    "data",
)
_PARTITION = "event_log_%Y_%m"


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event as it was received."""

    received_at: datetime
    event_key: UUID
    lead_id: str
    occurred_at: datetime
    type: str
    source: str
    event_id: str
    data: bytes
    """The event's data, JSON."""


async def append(
    connection: RawConnection,
    events: Iterable[tuple[datetime, UUID, str, datetime, str, str, str, bytes]],
) -> None:
    """Add events, given as the fields of :class:`LoggedEvent` in order."""
    await connection.copy_records_to_table("event_log", records=events, columns=_COLUMNS)


async def of_lead(
    connection: RawConnection, lead_id: str, until: datetime | None = None
) -> Sequence[LoggedEvent]:
    """The events of one lead up to and including ``until``, in the order they happened."""
    rows = await connection.fetch(
        f"select {', '.join(_COLUMNS)} from event_log "  # noqa: S608 - our own columns
        "where lead_id = $1 and ($2::timestamptz is null or occurred_at <= $2) "
        "order by occurred_at, event_key",
        lead_id,
        until,
    )
    return [LoggedEvent(*row) for row in rows]


async def of_keys(
    connection: RawConnection, lead_ids: Sequence[str], keys: Sequence[UUID]
) -> Sequence[LoggedEvent]:
    """The events with these identities, where they are of these leads: the index is by lead."""
    rows = await connection.fetch(
        f"select {', '.join(_COLUMNS)} from event_log "  # noqa: S608 - our own columns
        "where lead_id = any($1::text[]) and event_key = any($2::uuid[])",
        lead_ids,
        keys,
    )
    return [LoggedEvent(*row) for row in rows]


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Take the events of a lead as those of another one."""
    await connection.execute(
        "update event_log set lead_id = $2 where lead_id = $1", lead_id, survivor
    )


async def ensure_partitions(connection: RawConnection, now: datetime, months: int = 3) -> None:
    """Have a partition for this month and the next ``months``; made already is fine."""
    start = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(months + 1):
        end = (start + timedelta(days=32)).replace(day=1)
        try:
            async with connection.transaction():
                await connection.execute(
                    f"create table if not exists {start.strftime(_PARTITION)} "
                    "partition of event_log "
                    f"for values from ('{start.isoformat()}') to ('{end.isoformat()}')"
                )
        except asyncpg.CheckViolationError:
            # Nobody made partitions for months, and this month's events are in the default one:
            # they stay there until retention deletes them.
            log.warning("a month of the event log stays in the default partition", month=str(start))
        start = end


async def drop_partitions(connection: RawConnection, older_than: datetime) -> list[str]:
    """Drop the months that ended before ``older_than``; return their tables' names."""
    first_kept = older_than.astimezone(UTC).strftime(_PARTITION)
    rows = await connection.fetch(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent = 'event_log'::regclass and c.relname ~ '^event_log_\\d{4}_\\d{2}$' "
        "and c.relname < $1 order by c.relname",
        first_kept,
    )
    for (name,) in rows:
        await connection.execute(f"drop table {name}")
    await connection.execute("delete from event_log_default where received_at < $1", older_than)
    return [name for (name,) in rows]
