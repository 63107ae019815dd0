"""Read which municipalities are followed."""

from budget_calendar.domain.municipality import Municipality
from budget_calendar.follows import repository as follows
from budget_calendar.follows.repository import Follow
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.registry.search import Criteria
from kakehashi_common.db import Database


class FollowQueries:
    """Reads of followed municipalities; each is one transaction."""

    def __init__(self, database: Database, registry: RegistryQueries) -> None:
        self._database = database
        self._registry = registry

    async def list_follows(
        self, prefecture: str, after: str, limit: int
    ) -> list[tuple[Municipality, Follow]]:
        """Return followed municipalities after code ``after``, by code.

        Raises:
            DomainError: there is no such prefecture.
        """
        registry = await self._registry.registry()
        codes = await self.list_codes(prefecture) if prefecture else None
        async with self._database.transaction() as connection:
            rows = await follows.list_follows(connection, codes, after=after, limit=limit)
        return [(registry.get(row.code), row) for row in rows]

    async def list_codes(self, prefecture: str) -> list[str]:
        """Return the codes of a prefecture and of everything in it; of all if it is empty.

        Raises:
            DomainError: there is no such prefecture.
        """
        registry = await self._registry.registry()
        return [each.code for each in registry.find(Criteria(prefecture=prefecture))]
