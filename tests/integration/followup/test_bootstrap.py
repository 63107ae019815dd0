from followup.bootstrap import install
from followup.playbooks.reading import shipped
from kakehashi_common.db import Database


async def test_installing_publishes_every_playbook_once(empty_database: Database) -> None:
    for _ in range(2):
        await install(empty_database)
        async with empty_database.raw_transaction() as connection:
            rows = await connection.fetch("select playbook_id, version from playbook_version")
        assert sorted(tuple(row) for row in rows) == [(name, 1) for name in sorted(shipped())]
