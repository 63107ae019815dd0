"""``python -m followup api | consumer | relay | worker | all | migrate``."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from followup.settings import FollowupSettings
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
    ALL = "all"
    """Everything in one process, for a laptop."""
    MIGRATE = "migrate"
    """Bring the schema up to date and publish the playbooks that ship, then end."""


def main(
    process: Annotated[Process, typer.Argument(help="What to run")],
    *,
    _: Annotated[bool, version_option("followup")] = False,
) -> None:
    """Run one process of followup. Settings: FOLLOWUP_…, see .env.example."""
    settings = load(FollowupSettings)
    if process is Process.MIGRATE:
        asyncio.run(_migrate(settings))
        return
    from followup.processes import assembly
    from kakehashi_common.processes import run

    raise typer.Exit(run(assembly(process.value, settings)))


async def _migrate(settings: FollowupSettings) -> None:
    from followup.bootstrap import install
    from kakehashi_common.db import Database

    database = Database(settings.database, application="followup/migrate")
    try:
        await install(database)
    finally:
        await database.close()


if __name__ == "__main__":
    typer.run(main)
