"""Alembic, run from code over the engine that the service uses anyway.

A service keeps ``migrations/`` with ``versions/`` and an ``env.py`` of one statement::

    migrations.run_environment(metadata)
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from kakehashi_common.db import Database

_LOCK = 0x6B616B65
"""Advisory lock (``kake``): replicas that start together migrate one after the other."""


async def migrate(database: Database, scripts: Path, revision: str = "head") -> None:
    """Bring the schema forward to ``revision``; does nothing when it is there already.

    Raises:
        TransientError: the database is unavailable.
    """
    async with database.transaction() as connection:
        await connection.run_sync(_run, command.upgrade, scripts, revision)


async def downgrade(database: Database, scripts: Path, revision: str) -> None:
    """Bring the schema back to ``revision`` (``base`` for nothing at all).

    Raises:
        TransientError: the database is unavailable.
    """
    async with database.transaction() as connection:
        await connection.run_sync(_run, command.downgrade, scripts, revision)


async def current(database: Database) -> str | None:
    """Return the revision the schema is at, ``None`` for an empty database."""
    async with database.transaction() as connection:
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


def head(scripts: Path) -> str | None:
    """Return the newest revision in ``scripts``."""
    return ScriptDirectory(str(scripts)).get_current_head()


async def differences(database: Database, metadata: MetaData) -> list[Any]:
    """Return how the live schema differs from ``metadata``, as Alembic's operations.

    Empty when the migrations and the tables declared in code agree. Partitions come and go while
    a service works, so only the tables that they belong to are compared.
    """
    async with database.transaction() as connection:
        return await connection.run_sync(_compare, metadata)


def run_environment(metadata: MetaData) -> None:
    """Do what Alembic expects of ``env.py``, on the connection that :func:`migrate` opened."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata)
    context.run_migrations()


def _compare(connection: Connection, metadata: MetaData) -> list[Any]:
    partitions = set(connection.scalars(text("select relname from pg_class where relispartition")))

    def compared(name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
        return kind != "table" or name not in partitions

    configured = MigrationContext.configure(connection, opts={"include_name": compared})
    return list(compare_metadata(configured, metadata))


def _run(connection: Connection, run: Any, scripts: Path, revision: str) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    run(config, revision)
