"""Purges rows that are older than they have to be kept."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, any_, delete, func, literal_column, select

from kakehashi_common import metrics
from kakehashi_common.db import Database

BATCH: Final = 50_000
"""Rows in one statement: a year's rows would outlast any time-out."""


async def purge_older(
    database: Database, at: Column[Any], kept_for: timedelta | None, *, now: datetime | None = None
) -> int:
    """Delete the rows whose ``at`` is more than ``kept_for`` ago; return how many.

    Args:
        database: Where they are.
        at: The column of their age; it names their table.
        kept_for: ``None`` keeps them for ever.
        now: The server's clock counts unless given.

    Raises:
        TransientError: the database is unavailable; what is deleted stays deleted.
    """
    if kept_for is None:
        return 0
    oldest = func.now() - kept_for if now is None else now - kept_for
    return await purge(database, at.table, at < oldest)


async def purge(
    database: Database, rows: Table, where: ColumnElement[bool], *, batch: int = BATCH
) -> int:
    """Delete the ``rows`` that fit, each batch in a transaction of its own; return how many.

    A row that has changed since it was found, and doesn't fit any more, stays.

    Raises:
        TransientError: the database is unavailable; what is deleted stays deleted.
    """
    # By ctid, because its plan can't turn into a scan of the table for each batch.
    ctid: ColumnElement[Any] = literal_column("ctid")
    found = select(ctid).select_from(rows).where(where).limit(batch).correlate(None)
    # Twice `where`: a TID scan of older PostgreSQL takes a row that has changed for the one found.
    statement = delete(rows).where(ctid == any_(func.array(found.scalar_subquery())), where)
    purged = 0
    while True:
        async with database.transaction() as connection:
            deleted = (await connection.execute(statement)).rowcount
        purged += deleted
        metrics.PURGED.add(deleted, {"table": rows.name})
        if deleted < batch:
            return purged
