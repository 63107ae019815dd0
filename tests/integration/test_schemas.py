"""Each service's migrations lead to the tables that its code declares, and back to nothing."""

from pathlib import Path

import pytest
from sqlalchemy import MetaData

import budget_calendar.settings
import budget_calendar.tables
import followup.settings
import followup.tables
import handoff.settings
import handoff.tables
import lead_scoring.settings
import lead_scoring.tables
from kakehashi_common import migrations
from kakehashi_common.db import Database
from tests.support.postgres import relations

SERVICES = {
    "lead-scoring": (lead_scoring.settings.MIGRATIONS, lead_scoring.tables.metadata),
    "budget-calendar": (budget_calendar.settings.MIGRATIONS, budget_calendar.tables.metadata),
    "handoff": (handoff.settings.MIGRATIONS, handoff.tables.metadata),
    "followup": (followup.settings.MIGRATIONS, followup.tables.metadata),
}


@pytest.mark.parametrize(("scripts", "metadata"), SERVICES.values(), ids=SERVICES)
async def test_the_schema_is_what_the_code_declares(
    empty_database: Database, scripts: Path, metadata: MetaData
) -> None:
    await migrations.migrate(empty_database, scripts)
    assert await migrations.current(empty_database) == migrations.head(scripts)
    assert await migrations.differences(empty_database, metadata) == []


@pytest.mark.parametrize("scripts", [each[0] for each in SERVICES.values()], ids=SERVICES)
async def test_up_down_and_up_again(empty_database: Database, scripts: Path) -> None:
    await migrations.migrate(empty_database, scripts)
    there = await relations(empty_database)
    await migrations.downgrade(empty_database, scripts, "base")
    assert await relations(empty_database) == set()
    assert await migrations.current(empty_database) is None
    await migrations.migrate(empty_database, scripts)
    assert await relations(empty_database) == there
