"""Migrate the schema and load the municipalities before the first request."""

import structlog

from budget_calendar.registry import repository as municipalities
from budget_calendar.registry.snapshot import shipped
from budget_calendar.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.db import Database

log = structlog.get_logger(__name__)


async def install(database: Database) -> None:
    """Bring the schema to its newest revision, and store the shipped registry where there is none.

    Does nothing to what is there already, so it can run at every deployment; a newer registry comes
    with ``budget-calendar registry import``.

    Raises:
        TransientError: the database is unavailable.
    """
    await migrations.migrate(database, MIGRATIONS)
    async with database.transaction() as connection:
        if not await municipalities.count(connection):
            await municipalities.put(connection, shipped())
            log.info("stored the shipped registry", municipalities=len(shipped()))
