"""Keep when councils are in session."""

from collections.abc import Sequence
from typing import Any

from followup.council_sessions import repository
from followup.council_sessions.mapping import council_days_of
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.db import Database


class CouncilSessions:
    """Keeps when councils are in session.

    Args:
        database: where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Store the days of sessions that a batch of events states; what is older changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        days = [each for received in batch for each in council_days_of(received.event)]
        if days:
            async with self._database.raw_transaction() as connection:
                await repository.save(connection, days)
