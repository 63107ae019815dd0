"""Sellers' own calendars as rows: only when they are busy, no titles."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followup.domain.meeting_slots import Span
from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class StoredCalendar:
    """When a seller is busy, as last read."""

    seller_id: str
    url: str | None
    """From where it is read: whoever knows it reads it, so it is not shown. ``None``: a file."""
    busy: tuple[Span, ...]
    covers_until: datetime | None
    read_at: datetime | None
    """``None``: it could never be read."""
    tried_at: datetime
    problem: str | None
    """Why it could not be read the last time."""


async def put(connection: RawConnection, stored: StoredCalendar) -> None:
    """Store a calendar in the place of the one before."""
    await connection.execute(
        "insert into seller_calendar (seller_id, url, busy, covers_until, read_at, tried_at, "
        "problem) values ($1, $2, $3, $4, $5, $6, $7) on conflict (seller_id) do update set "
        "url = excluded.url, busy = excluded.busy, covers_until = excluded.covers_until, "
        "read_at = excluded.read_at, tried_at = excluded.tried_at, problem = excluded.problem",
        stored.seller_id,
        stored.url,
        _written(stored.busy),
        stored.covers_until,
        stored.read_at,
        stored.tried_at,
        stored.problem,
    )


async def refreshed(connection: RawConnection, stored: StoredCalendar) -> None:
    """Store what was read again, unless another calendar has been named since."""
    await connection.execute(
        "update seller_calendar set busy = $3, covers_until = $4, read_at = $5, tried_at = $6, "
        "problem = $7 where seller_id = $1 and url = $2",
        stored.seller_id,
        stored.url,
        _written(stored.busy),
        stored.covers_until,
        stored.read_at,
        stored.tried_at,
        stored.problem,
    )


async def find(connection: RawConnection, seller_id: str) -> StoredCalendar | None:
    """Return a seller's calendar."""
    row = await connection.fetchrow("select * from seller_calendar where seller_id = $1", seller_id)
    return None if row is None else _stored(row)


async def remove(connection: RawConnection, seller_id: str) -> bool:
    """Delete a seller's calendar; return whether there was one."""
    status = await connection.execute("delete from seller_calendar where seller_id = $1", seller_id)
    return bool(status != "DELETE 0")


def _written(busy: Iterable[Span]) -> str:
    return json.dumps([[each.starts.isoformat(), each.ends.isoformat()] for each in busy])


def _stored(row: Any) -> StoredCalendar:
    busy = tuple(Span(*map(datetime.fromisoformat, each)) for each in row["busy"])
    return StoredCalendar(**dict(row) | {"busy": busy})
