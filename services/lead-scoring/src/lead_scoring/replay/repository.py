"""Reads a replay's result: every lead's history and its stored score."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from kakehashi_common.db import RawConnection
from lead_scoring.scoring.repository.events import LoggedEvent

_FETCHED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A lead's score as it is stored; points in tenths."""

    fit: int
    engagement: int
    grade: str
    scored_at: datetime


async def histories(connection: RawConnection) -> AsyncIterator[tuple[str, list[LoggedEvent]]]:
    """Each lead with all its events in the order they happened, lead by lead.

    Needs a transaction; keeps one lead and a few thousand events in memory.
    """
    cursor = await connection.cursor(
        "select received_at, event_key, lead_id, occurred_at, type, source, event_id, data "
        "from event_log order by lead_id, occurred_at, event_key"
    )
    current: list[LoggedEvent] = []
    while rows := await cursor.fetch(_FETCHED_AT_ONCE):
        for lead_id, events in groupby((LoggedEvent(*row) for row in rows), attrgetter("lead_id")):
            if current and current[0].lead_id != lead_id:
                yield current[0].lead_id, current
                current = []
            current.extend(events)
    if current:
        yield current[0].lead_id, current


async def stored_scores(connection: RawConnection) -> dict[str, StoredScore]:
    """Every lead's stored score."""
    rows = await connection.fetch("select lead_id, fit, engagement, grade, scored_at from lead")
    return {row[0]: StoredScore(*row[1:]) for row in rows}
