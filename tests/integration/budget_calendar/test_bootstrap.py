from budget_calendar.bootstrap import install
from kakehashi_common.db import Database


async def test_installing_stores_every_municipality_once(empty_database: Database) -> None:
    for _ in range(2):
        await install(empty_database)
        async with empty_database.raw_transaction() as connection:
            assert await connection.fetchval("select count(*) from municipality") == 47 + 1741
