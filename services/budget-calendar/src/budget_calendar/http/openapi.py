"""``python -m budget_calendar.http.openapi > docs/openapi/budget-calendar.json``: the contract.

Clients are generated from the committed file; ``tests/contract`` holds that it is current.
"""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI

from budget_calendar.container import Container
from budget_calendar.http.app import create_app
from budget_calendar.settings import BudgetCalendarSettings
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.http import openapi
from kakehashi_common.settings import HttpSettings

_AS_OF: Final = datetime(2026, 11, 21, tzinfo=UTC)
"""A file that is committed stays as it is; a running API shows examples of the year to come."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return application().openapi()


def application() -> FastAPI:
    """Return the application to describe. Nothing connects; only its routes matter."""
    settings = BudgetCalendarSettings(
        database=openapi.DATABASE, auth=openapi.AUTH, http=HttpSettings()
    )
    database = Database(settings.database, application="openapi")
    return create_app(Container(settings, database, FixedClock(_AS_OF)))


if __name__ == "__main__":
    openapi.write(document())
