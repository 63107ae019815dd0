"""``python -m handoff api | consumer | relay | worker | notifier | all | migrate``."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from handoff.settings import MIGRATIONS, HandoffSettings
from kakehashi_common.settings import load
from kakehashi_common.version import version_option


class Process(StrEnum):
    """A part of the service that runs and scales by itself."""

    API = "api"
    """HTTP."""
    CONSUMER = "consumer"
    """Events in."""
    RELAY = "relay"
    """Events out."""
    WORKER = "worker"
    """Temporal."""
    NOTIFIER = "notifier"
    """Mail and webhooks."""
    ALL = "all"
    """Everything in one process, for a laptop."""
    MIGRATE = "migrate"
    """Bring the schema up to date, then end."""


def main(
    process: Annotated[Process, typer.Argument(help="What to run")],
    *,
    _: Annotated[bool, version_option("handoff")] = False,
) -> None:
    """Run one process of handoff. Settings: HANDOFF_…, see .env.example."""
    settings = load(HandoffSettings)
    if process is Process.MIGRATE:
        asyncio.run(_migrate(settings))
        return
    from handoff.processes import assembly
    from kakehashi_common.processes import run

    raise typer.Exit(run(assembly(process.value, settings)))


async def _migrate(settings: HandoffSettings) -> None:
    from kakehashi_common import migrations
    from kakehashi_common.db import Database

    database = Database(settings.database, application="handoff/migrate")
    try:
        await migrations.migrate(database, MIGRATIONS)
    finally:
        await database.close()


if __name__ == "__main__":
    typer.run(main)
