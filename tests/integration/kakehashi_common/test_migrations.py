import asyncio
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Column, Integer, Table

from kakehashi_common import migrations
from kakehashi_common.db import Database, new_metadata
from tests.support.postgres import throwaway_database

pytestmark = pytest.mark.servers

ENVIRONMENT = """
from kakehashi_common.db import new_metadata
from kakehashi_common.migrations import run_environment
run_environment(new_metadata())
"""

REVISION = """
from alembic import op
import sqlalchemy as sa
revision = {revision!r}
down_revision = {down!r}
def upgrade():
    op.create_table({table!r}, sa.Column("n", sa.Integer, primary_key=True))
def downgrade():
    op.drop_table({table!r})
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    directory = tmp_path / "100% migrations"
    (directory / "versions").mkdir(parents=True)
    (directory / "env.py").write_text(textwrap.dedent(ENVIRONMENT))
    for revision, down, table in [("0001", None, "first"), ("0002", "0001", "second")]:
        text = REVISION.format(revision=revision, down=down, table=table)
        (directory / "versions" / f"{revision}.py").write_text(text)
    return directory


@pytest_asyncio.fixture(loop_scope="session")
async def empty() -> AsyncIterator[Database]:
    async with throwaway_database() as settings:
        database = Database(settings, application="tests")
        yield database
        await database.close()


async def test_the_schema_goes_forward_and_back(empty: Database, scripts: Path) -> None:
    assert await migrations.current(empty) is None

    await migrations.migrate(empty, scripts, "0001")
    assert await migrations.current(empty) == "0001"

    await migrations.migrate(empty, scripts)
    assert await migrations.current(empty) == migrations.head(scripts) == "0002"

    await migrations.downgrade(empty, scripts, "base")
    assert await migrations.current(empty) is None


async def test_replicas_that_start_together_migrate_once(empty: Database, scripts: Path) -> None:
    await asyncio.gather(*(migrations.migrate(empty, scripts) for _ in range(4)))

    assert await migrations.current(empty) == "0002"


async def test_a_table_that_no_migration_makes_is_a_difference(
    empty: Database, scripts: Path
) -> None:
    await migrations.migrate(empty, scripts)
    metadata = new_metadata()
    for name in ("first", "second"):
        Table(name, metadata, Column("n", Integer, primary_key=True))
    assert await migrations.differences(empty, metadata) == []

    Table("third", metadata, Column("n", Integer, primary_key=True))
    ((operation, table),) = await migrations.differences(empty, metadata)
    assert (operation, table.name) == ("add_table", "third")
