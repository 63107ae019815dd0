"""The migrations lead to the tables that the code declares, and back to nothing."""

from collections.abc import AsyncIterator

import pytest_asyncio

from budget_calendar import tables
from budget_calendar.installing import install
from budget_calendar.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.db import Database
from tests.support.postgres import throwaway_database


@pytest_asyncio.fixture
async def database() -> AsyncIterator[Database]:
    """An empty one."""
    async with throwaway_database() as settings:
        database = Database(settings, application="tests")
        yield database
        await database.close()


async def relations(database: Database) -> set[str]:
    """Everything of ours in the database."""
    async with database.raw_transaction() as connection:
        rows = await connection.fetch(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
        )
    return {row[0] for row in rows if not row[0].startswith("alembic_version")}


async def test_the_schema_is_what_the_code_declares(database: Database) -> None:
    await migrations.migrate(database, MIGRATIONS)
    assert await migrations.current(database) == migrations.head(MIGRATIONS)
    assert await migrations.differences(database, tables.metadata) == []


async def test_up_down_and_up_again(database: Database) -> None:
    await migrations.migrate(database, MIGRATIONS)
    there = await relations(database)
    await migrations.downgrade(database, MIGRATIONS, "base")
    assert await relations(database) == set()
    assert await migrations.current(database) is None
    await migrations.migrate(database, MIGRATIONS)
    assert await relations(database) == there


async def test_installing_stores_every_municipality_once(database: Database) -> None:
    for _ in range(2):
        await install(database)
        async with database.raw_transaction() as connection:
            assert await connection.fetchval("select count(*) from municipality") == 47 + 1741
