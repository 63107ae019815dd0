"""Fixtures of the integration tests of ``followup``."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from followup import tables
from followup.container import Container
from followup.settings import MIGRATIONS, FollowupSettings
from kakehashi_common import migrations
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.settings import AuthSettings
from tests.support import followup_api
from tests.support.followup_api import Service
from tests.support.followup_examples import enter_everybody
from tests.support.postgres import throwaway_database


@pytest_asyncio.fixture(scope="session")
async def migrated() -> AsyncIterator[Database]:
    """A database with followup's tables."""
    async with throwaway_database() as settings:
        database = Database(settings, application="tests")
        await migrations.migrate(database, MIGRATIONS)
        yield database
        await database.close()


@pytest_asyncio.fixture
async def followup_database(migrated: Database) -> Database:
    """The same, with nothing in them."""
    names = ", ".join(f'"{each}"' for each in tables.metadata.tables)
    async with migrated.raw_transaction() as connection:
        await connection.execute(f"truncate {names} cascade")
    return migrated


NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 12, 1, 3, tzinfo=UTC))


@pytest.fixture
def container(followup_database: Database, clock: FixedClock) -> Container:
    """An installation that nobody asks over HTTP."""
    settings = FollowupSettings(
        database=followup_database.settings, auth=AuthSettings(jwks_url=NOWHERE, issuer=NOWHERE)
    )
    return Container(settings, followup_database, clock)


@pytest_asyncio.fixture(scope="session")
async def installed() -> AsyncIterator[Service]:
    """Followup with a mail server, and no worker."""
    async with followup_api.service() as service:
        yield service


@pytest_asyncio.fixture
async def at_work(installed: Service) -> AsyncIterator[Service]:
    """The same with a seller, a contact, a playbook and a worker."""
    await installed.fresh()
    await enter_everybody(installed)
    async with installed.working():
        yield installed
    await installed.end()
