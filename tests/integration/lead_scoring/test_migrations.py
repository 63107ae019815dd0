"""The migrations lead to the tables that the code declares, and back to nothing."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio

from kakehashi_common import migrations
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from lead_scoring import tables
from lead_scoring.installing import install
from lead_scoring.settings import MIGRATIONS
from tests.support.postgres import throwaway_database

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


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


async def test_an_installation_in_use_goes_back_too(database: Database) -> None:
    await install(database, FixedClock(NOW))
    assert "event_log_2026_11" in await relations(database)
    assert await migrations.differences(database, tables.metadata) == []
    await migrations.downgrade(database, MIGRATIONS, "base")
    assert await relations(database) == set()


async def test_installing_again_changes_nothing(database: Database) -> None:
    await install(database, FixedClock(NOW))
    there = await relations(database)
    await install(database, FixedClock(NOW), "no rule set at all, and nobody reads it")
    assert await relations(database) == there
    async with database.raw_transaction() as connection:
        assert await connection.fetchval("select count(*) from rule_set") == 1
        assert await connection.fetchval("select count(*) from audit") == 1
