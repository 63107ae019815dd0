"""``python -m budget_calendar api | relay | worker | all | migrate``."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from budget_calendar.settings import BudgetCalendarSettings
from kakehashi_common.settings import load
from kakehashi_common.version import version_option


class Process(StrEnum):
    """A part of the service that runs and scales by itself."""

    API = "api"
    """HTTP."""
    RELAY = "relay"
    """Kafka out: publishes what was decided."""
    WORKER = "worker"
    """Temporal: budget cycles, pursuits, schedules."""
    ALL = "all"
    """Everything in one process, for a laptop."""
    MIGRATE = "migrate"
    """Bring the schema up to date and store the shipped registry, then end."""


def main(
    process: Annotated[Process, typer.Argument(help="What to run")],
    *,
    _: Annotated[bool, version_option("budget-calendar")] = False,
) -> None:
    """Run one process of budget-calendar. Settings: BUDGET_CALENDAR_…, see .env.example."""
    settings = load(BudgetCalendarSettings)
    if process is Process.MIGRATE:
        asyncio.run(_migrate(settings))
        return
    from budget_calendar.processes import assembly
    from kakehashi_common.processes import run

    raise typer.Exit(run(assembly(process.value, settings)))


async def _migrate(settings: BudgetCalendarSettings) -> None:
    from budget_calendar.bootstrap import install
    from kakehashi_common.db import Database

    database = Database(settings.database, application="budget-calendar/migrate")
    try:
        await install(database)
    finally:
        await database.close()


if __name__ == "__main__":
    typer.run(main)
