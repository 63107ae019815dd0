"""The ids of published events."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.tables import announced as table


async def claim(connection: AsyncConnection, event_ids: Sequence[UUID]) -> set[UUID]:
    """Store ``event_ids`` as published and return those that were not before."""
    if not event_ids:
        return set()
    rows = await connection.scalars(
        insert(table)
        .values([{"event_id": each} for each in event_ids])
        .on_conflict_do_nothing()
        .returning(table.c.event_id)
    )
    return set(rows)
