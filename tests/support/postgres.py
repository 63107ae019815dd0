"""The test PostgreSQL: one throwaway database per test session, empty tables per test.

It is the local stack's ``test`` instance (`.env.test` may name another server). When none answers,
the test fails: `make test` always starts one.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import MetaData

from kakehashi_common.db import Database
from kakehashi_common.settings import DatabaseSettings
from tests.support import stack


def server_url() -> str:
    """Return a URL that may create databases."""
    return stack.INSTANCE.postgres


@asynccontextmanager
async def throwaway_database() -> AsyncIterator[DatabaseSettings]:
    """Create a database, and drop it with whatever is still connected to it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(server_url())
    try:
        await _execute(f"create database {name}")
    except OSError:
        pytest.fail(
            f"no PostgreSQL at {parts.hostname}:{parts.port}: run "
            "`python deploy/local/stack.py --instance test up --only servers`"
        )
    try:
        url = urlunsplit(("postgresql", parts.netloc, f"/{name}", parts.query, ""))
        yield DatabaseSettings(url=url, pool_size=10)
    finally:
        await _execute(f"drop database {name} with (force)")


async def _execute(statement: str) -> None:
    # A connection for each: the server may be restarted by a test in between.
    server = await asyncpg.connect(server_url(), timeout=5)
    try:
        await server.execute(statement)
    finally:
        await server.close()


@pytest_asyncio.fixture(scope="session")
async def database_settings() -> AsyncIterator[DatabaseSettings]:
    """One database for the whole session."""
    async with throwaway_database() as settings:
        yield settings


@pytest_asyncio.fixture(scope="session")
async def database(database_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Connections to the session's database."""
    database = Database(database_settings, application="tests")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def empty_database() -> AsyncIterator[Database]:
    """A database of its own for one test, with nothing in it."""
    async with throwaway_database() as settings:
        database = Database(settings, application="tests")
        yield database
        await database.close()


async def relations(database: Database) -> set[str]:
    """The names of everything of ours in a database, but of what Alembic keeps."""
    async with database.raw_transaction() as connection:
        rows = await connection.fetch(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
        )
    return {row[0] for row in rows if not row[0].startswith("alembic_version")}


@asynccontextmanager
async def tables(database: Database, metadata: MetaData) -> AsyncIterator[None]:
    """Create the tables of ``metadata``, and drop them afterwards."""
    async with database.transaction() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield
    finally:
        async with database.transaction() as connection:
            await connection.run_sync(metadata.drop_all)
