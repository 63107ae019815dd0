"""``python -m lead_scoring api | consumer | relay | worker | all | migrate``."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kakehashi_common.settings import load
from kakehashi_common.version import version_option
from kakehashi_common.yaml_reader import text_of
from lead_scoring.settings import LeadScoringSettings


class Process(StrEnum):
    """A part of the service that runs and scales by itself."""

    API = "api"
    """HTTP."""
    CONSUMER = "consumer"
    """Kafka in: scores events."""
    RELAY = "relay"
    """Kafka out: publishes what was decided."""
    WORKER = "worker"
    """Temporal: re-scoring, decay, retention."""
    ALL = "all"
    """Everything in one process, for a laptop."""
    MIGRATE = "migrate"
    """Bring the schema up to date and publish the first rules, then end."""


def main(
    process: Annotated[Process, typer.Argument(help="What to run")],
    rules: Annotated[
        Path | None,
        typer.Option(help="migrate: the first rule set, if not the one that ships", exists=True),
    ] = None,
    *,
    _: Annotated[bool, version_option("lead-scoring")] = False,
) -> None:
    """Run one process of lead-scoring. Settings: LEAD_SCORING_…, see .env.example."""
    settings = load(LeadScoringSettings)
    if process is Process.MIGRATE:
        document = None if rules is None else text_of(rules)
        asyncio.run(_migrate(settings, document))
        return
    from kakehashi_common.processes import run
    from lead_scoring.processes import assembly

    raise typer.Exit(run(assembly(process.value, settings)))


async def _migrate(settings: LeadScoringSettings, document: str | None) -> None:
    from kakehashi_common.clock import WallClock
    from kakehashi_common.db import Database
    from lead_scoring.bootstrap import install

    database = Database(settings.database, application="lead-scoring/migrate")
    try:
        await install(database, WallClock(), document)
    finally:
        await database.close()


if __name__ == "__main__":
    typer.run(main)
