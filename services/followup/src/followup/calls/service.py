"""Keep when contacts were called, and whether they were reached."""

from collections.abc import Sequence
from typing import Any

from followup.calls import repository
from followup.calls.repository import SellerCall
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.seller_activities import (
    SellerActivityKind,
    SellerActivityRecorded,
)
from kakehashi_common.db import Database


class Calls:
    """Keeps the calls of ``seller-activities-v1``.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Store the calls of a batch; of an activity what was published last counts.

        Raises:
            TransientError: the database is unavailable.
        """
        said = {
            received.event.data.activity_id: _call(received)
            for received in batch
            if isinstance(received.event.data, SellerActivityRecorded)
        }
        if said:
            async with self._database.raw_transaction() as connection:
                await repository.save(connection, said)


def _call(received: Received[Any]) -> SellerCall | None:
    """Return the call that an activity was; ``None``: none, or nobody knows of whom or how."""
    activity = received.event.data
    if activity.kind is not SellerActivityKind.CALL or activity.lead_id is None:
        return None
    if activity.reached is None:
        return None
    return SellerCall(activity.lead_id, received.event.occurred_at, activity.reached)
