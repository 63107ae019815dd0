import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Column, DateTime, Integer, Table, insert, select, text, update

from kakehashi_common.db import Database, new_metadata
from kakehashi_common.retention import purge, purge_older
from tests.support.postgres import tables
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

metadata = new_metadata()
NOTES = Table(
    "note", metadata, Column("id", Integer, primary_key=True), Column("at", DateTime(timezone=True))
)
WAITING = text(
    "select pid from pg_stat_activity where datname = current_database() "
    "and wait_event_type = 'Lock' and query like 'DELETE FROM note %'"
)


@pytest_asyncio.fixture(autouse=True)
async def notes(database: Database) -> AsyncIterator[None]:
    """Seven notes; each is as many days old as its id says."""
    async with tables(database, metadata):
        async with database.transaction() as connection:
            now = datetime.now(UTC)
            rows = [{"id": days, "at": now - timedelta(days=days)} for days in range(7)]
            await connection.execute(insert(NOTES), rows)
        yield


async def kept(database: Database) -> list[int]:
    async with database.transaction() as connection:
        return list(await connection.scalars(select(NOTES.c.id).order_by(NOTES.c.id)))


@pytest.mark.parametrize("batch", [1, 2, 4, 5])
async def test_what_fits_is_purged_in_batches_and_nothing_else(
    database: Database, batch: int
) -> None:
    assert await purge(database, NOTES, NOTES.c.id >= 3, batch=batch) == 4
    assert await kept(database) == [0, 1, 2]
    assert await purge(database, NOTES, NOTES.c.id >= 3, batch=batch) == 0


async def test_a_row_that_changes_at_the_same_time_and_does_not_fit_any_more_stays(
    database: Database,
) -> None:
    old = NOTES.c.at < datetime.now(UTC) - timedelta(days=5, hours=12)
    async with database.transaction() as connection:
        await connection.execute(update(NOTES).where(NOTES.c.id == 6).values(at=datetime.now(UTC)))
        purging = asyncio.create_task(purge(database, NOTES, old))

        async def waits() -> bool:
            async with database.transaction() as other:
                return bool((await other.execute(WAITING)).all())

        await eventually(waits)
    assert await purging == 0
    assert await kept(database) == [0, 1, 2, 3, 4, 5, 6]


async def test_age_counts_from_the_servers_clock_or_from_the_one_given(database: Database) -> None:
    assert await purge_older(database, NOTES.c.at, None) == 0
    assert await purge_older(database, NOTES.c.at, timedelta(days=5)) == 2
    assert await kept(database) == [0, 1, 2, 3, 4]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert await purge_older(database, NOTES.c.at, timedelta(days=2), now=yesterday) == 2
    assert await kept(database) == [0, 1, 2]
