"""Make one person of two leads: what is under way under the id that goes ends, the rest moves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import stops, tables
from followup.consents import repository as consents
from followup.contacts import repository as contacts
from followup.domain.consents.suppression import Scope, SuppressionKey
from followup.occurrences import repository as occurrences
from followup.occurrences.merging import BY_MERGE, end_open_sequences
from followup.occurrences.suppressing import suppress
from followup.personal_data.service import PersonalData
from followup.satisfaction import repository as satisfaction
from followup.triggers import day_repository, pursuit_contacts
from followup.triggers import repository as reasons
from followup.triggers.behaviours import Behaviours
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.lead_merges import repository
from kakehashi_common.lead_merges.batches import merges_in
from kakehashi_common.lead_merges.repository import Merge


class Merges:
    """Takes in which leads are one person.

    Args:
        database: where everything is kept.
        behaviours: move what was observed.
        personal_data: erases who turns out to be a person who was erased.
        clock: gives the present time.
    """

    def __init__(
        self,
        database: Database,
        behaviours: Behaviours,
        personal_data: PersonalData,
        clock: Clock,
    ) -> None:
        self._database = database
        self._behaviours = behaviours
        self._personal_data = personal_data
        self._clock = clock

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Take in the merges of a batch of ``lead-events-v1``; what came before changes nothing.

        The sequences of the id that goes are notified soon after, as of other occurrences; until
        then none of its mails goes. It is audited.

        Raises:
            ContradictoryMergeError: an id went into another one before (``merged_before``), or
                would go into itself (``merge_cycle``).
            TransientError: the database is unavailable.
        """
        said = [each.event for each in merges_in(batch)]
        if not said:
            return
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            new = await repository.admit(raw, said)
            # All locks at once, before those of rows.
            leads = {each for merge in new for each in (merge.lead_id, merge.survivor)}
            await stops.stop(raw, (SuppressionKey(Scope.PERSON, each) for each in leads))
            sources = {each.data.lead_id: each.source for each in reversed(said)}
            for merge in new:
                actor = Actor(BY_MERGE, sources[merge.lead_id])
                await self._merge(connection, raw, merge, actor)
                await actor.record(
                    connection,
                    tables.audit_table,
                    "merge_leads",
                    f"lead/{merge.lead_id}",
                    after={"into_lead_id": merge.survivor},
                )

    async def _merge(
        self, connection: AsyncConnection, raw: RawConnection, merge: Merge, actor: Actor
    ) -> None:
        now = self._clock.now()
        lead_id, survivor = merge.lead_id, merge.survivor
        await end_open_sequences(raw, lead_id, now)
        await contacts.save_leads(raw, [lead_id, survivor])
        stays = await contacts.find(raw, survivor)
        if stays is not None and stays.erased_at is not None:
            await self._personal_data.erase_leads([lead_id], connection)
            return
        await self._suppress(connection, raw, merge, actor)
        await occurrences.copy(raw, lead_id, survivor, now)
        await self._behaviours.move(raw, lead_id, survivor)  # by the municipality that is known
        await contacts.move(raw, lead_id, survivor)
        await day_repository.move(raw, lead_id, survivor)
        await pursuit_contacts.move(raw, lead_id, survivor)
        await reasons.move(raw, lead_id, survivor)
        await satisfaction.move(raw, lead_id, survivor)

    async def _suppress(
        self, connection: AsyncConnection, raw: RawConnection, merge: Merge, actor: Actor
    ) -> None:
        """Have a suppression of either id hold for all ids; the oldest is the one that counts."""
        ids = await repository.all_ids(raw, [merge.lead_id])
        keys = [SuppressionKey(Scope.PERSON, each) for each in ids]
        found = await consents.suppressions_of(keys).fetch(raw)
        if not found:
            return
        oldest = min(found, key=lambda each: each.since)
        missing = [replace(oldest, key=key) for key in keys if key not in {s.key for s in found}]
        survivor = SuppressionKey(Scope.PERSON, merge.survivor)
        # What is under way under an id that has gone ends as merged, and not as suppressed.
        await consents.add_suppressions(
            connection, [each for each in missing if each.key != survivor]
        )
        if survivor in {each.key for each in missing}:
            await suppress(connection, [replace(oldest, key=survivor)], actor, self._clock.now())
