from datetime import UTC, datetime

from kakehashi_common import migrations
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from lead_scoring import tables
from lead_scoring.bootstrap import install
from lead_scoring.settings import MIGRATIONS
from tests.support.postgres import relations

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


async def test_an_installation_in_use_goes_back_too(empty_database: Database) -> None:
    await install(empty_database, FixedClock(NOW))
    assert "event_log_2026_11" in await relations(empty_database)
    assert await migrations.differences(empty_database, tables.metadata) == []
    await migrations.downgrade(empty_database, MIGRATIONS, "base")
    assert await relations(empty_database) == set()


async def test_installing_again_changes_nothing(empty_database: Database) -> None:
    await install(empty_database, FixedClock(NOW))
    there = await relations(empty_database)
    await install(empty_database, FixedClock(NOW), "no rule set at all, and nobody reads it")
    assert await relations(empty_database) == there
    async with empty_database.raw_transaction() as connection:
        assert await connection.fetchval("select count(*) from rule_set") == 1
        assert await connection.fetchval("select count(*) from audit") == 1
