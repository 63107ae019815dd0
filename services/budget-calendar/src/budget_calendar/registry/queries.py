"""Read the stored registry."""

from datetime import datetime, timedelta
from typing import Final

from budget_calendar.registry import repository as municipalities
from budget_calendar.registry.search import Registry
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database

REGISTRY_KEPT_FOR: Final = timedelta(minutes=1)
"""The longest time until a process sees the changes of ``registry import``."""


class RegistryQueries:
    """Reads of all municipalities, kept in memory for a minute."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kept: tuple[datetime, Registry] | None = None

    async def registry(self) -> Registry:
        """Return all municipalities, at most a minute old."""
        now = self._clock.now()
        if self._kept is None or now - self._kept[0] >= REGISTRY_KEPT_FOR:
            async with self._database.transaction() as connection:
                everyone = await municipalities.list_all(connection)
            self._kept = now, Registry(each.municipality for each in everyone)
        return self._kept[1]
