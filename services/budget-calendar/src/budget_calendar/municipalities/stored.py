"""The stored registry as ``registry import`` refreshes it."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar

from pydantic_settings import BaseSettings

from budget_calendar.calendars.calculator import CalendarCalculator
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.municipality import Municipality
from budget_calendar.municipalities.service import Refreshed, refresh, with_stored_figures
from budget_calendar.notifications.service import Notifier
from budget_calendar.registry.snapshot import shipped
from kakehashi_common.audit import Actor
from kakehashi_common.clock import WallClock
from kakehashi_common.db import Database
from kakehashi_common.settings import DatabaseSettings, load, settings_config

T = TypeVar("T")


class StoredRegistrySettings(BaseSettings):
    """The subset of the service's settings that a refresh needs."""

    model_config = settings_config("BUDGET_CALENDAR_")

    database: DatabaseSettings
    topic_prefix: str = ""
    template: Literal["published", "textbook"] = "published"


class StoredRegistry:
    """The registry in the service's database, for a command.

    Every method raises ``TransientError`` when the database is unavailable.
    """

    def __init__(self, settings: StoredRegistrySettings) -> None:
        self._settings = settings

    @classmethod
    def from_environment(cls) -> "StoredRegistry":
        """Return the registry set by environment variables; exits with a message without them."""
        return cls(load(StoredRegistrySettings))

    def municipalities(self) -> tuple[Municipality, ...]:
        """Return this release's municipalities with their stored figures."""
        return self._run(lambda database: with_stored_figures(database, shipped()))

    def refresh(self, newest: Sequence[Municipality]) -> Refreshed:
        """Store it, and compute again the calendars that depend on it."""
        actor = Actor(who=f"operator:{getpass.getuser()}", origin="registry import")

        async def run(database: Database) -> Refreshed:
            calendars = Calendars(
                database,
                WallClock(),
                CalendarCalculator(self._settings.template),
                Notifier(database, None),
                topic_prefix=self._settings.topic_prefix,
            )
            return await refresh(database, calendars, newest, actor)

        return self._run(run)

    def _run(self, use: Callable[[Database], Awaitable[T]]) -> T:
        async def with_database() -> T:
            database = Database(self._settings.database, application="budget-calendar/registry")
            try:
                return await use(database)
            finally:
                await database.close()

        return asyncio.run(with_database())
