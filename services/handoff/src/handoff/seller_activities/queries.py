"""Queries for sellers' activities."""

from dataclasses import dataclass
from datetime import datetime

from handoff.seller_activities import repository
from handoff.seller_activities.repository import ActivityFilter, StoredActivity
from kakehashi_common.db import Database


@dataclass(frozen=True, slots=True)
class SellerActivityQueries:
    """Reads of sellers' activities."""

    database: Database

    async def list_activities(
        self, wanted: ActivityFilter, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[StoredActivity]:
        """Return activities that match, the newest first."""
        async with self.database.transaction() as connection:
            return await repository.list_activities(connection, wanted, before=before, limit=limit)
