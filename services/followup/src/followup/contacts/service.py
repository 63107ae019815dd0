"""Keep who the contacts are, from the events of other services."""

from collections.abc import Sequence
from typing import Any

from followup.contacts import repository
from followup.contacts.repository import FIELDS, Contact
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError
from kakehashi_common.lead_merges import repository as merges
from kakehashi_common.lead_profiles.events import fields_said
from kakehashi_common.lead_profiles.repository import save_fields


class Contacts:
    """Keeps who the contacts are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_lead_events(self, batch: Sequence[Received[Any]]) -> None:
        """Store what a batch of ``lead-events-v1`` says of contacts.

        Raises:
            TransientError: the database is unavailable.
        """
        fields = [each for received in batch for each in fields_said(received, FIELDS)]
        if not fields:
            return
        async with self._database.raw_transaction() as connection:
            first = min(each.at for each in fields)
            await repository.save_leads(connection, (each.lead_id for each in fields), first)
            await save_fields(connection, fields)

    async def find(self, lead_id: str) -> tuple[Contact, tuple[str, ...]]:
        """Return a contact, and the ids that have gone into theirs.

        Raises:
            NotFoundError: nothing was ever said of the lead.
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            found = await repository.find(connection, lead_id)
            if found is None:
                raise NotFoundError(f"nothing is known of lead {lead_id}", field="lead_id")
            ids = await merges.all_ids(connection, [found.lead_id])
        return found, tuple(each for each in ids if each != found.lead_id)
