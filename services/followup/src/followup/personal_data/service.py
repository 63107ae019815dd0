"""Use cases of a person's data: export and erasure, in the database and in workflows.

Sources: 個人情報の保護に関する法律 (Act on the Protection of Personal Information), articles 33
(disclosure) and 35 (erasure); 特定電子メール法3条3項 for what an opt-out leaves. No legal advice.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from followup import stops, tables
from followup.consents import repository as consents
from followup.contacts.repository import find_by_email, save_leads
from followup.domain.consents.suppression import BY_MAIL, Scope, SuppressionKey
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import React
from followup.inbox import repository as inbox
from followup.occurrences.suppressing import suppress
from followup.personal_data import repository
from followup.personal_data.holdings import HOLDINGS
from followup.sequences.service import Sequences
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.events import Tombstone
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.person import comparable_email
from kakehashi_common.errors import OF_ONE
from kakehashi_common.lead_merges import repository as merges
from kakehashi_common.lead_profiles.holdings import Rows, erase_rows, export_rows
from kakehashi_common.lead_profiles.repository import mark_erased, mark_settled

log = structlog.get_logger(__name__)

BY_ERASURE: Final = "erasure"
"""The author of the end of an erased person's sequences."""


class PersonalData:
    """Exports and erases what is held about the person behind a lead.

    Args:
        database: where it is held.
        sequences: are ended.
        clock: gives the present time.
    """

    def __init__(self, database: Database, sequences: Sequences, clock: Clock) -> None:
        self._database = database
        self._sequences = sequences
        self._clock = clock

    async def export(self, lead_id: str, actor: Actor) -> Rows:
        """Return everything that is held about the person behind a lead, by whatever id they had.

        It is audited.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            lead_ids = await merges.all_ids(raw, [lead_id])
            addresses = await repository.addresses_of(raw, lead_ids)
            found = await export_rows(raw, HOLDINGS, lead_ids, addresses)
            await actor.record(
                connection, tables.audit_table, "export_personal_data", f"lead/{lead_id}"
            )
        return found

    async def erase(self, lead_id: str, actor: Actor) -> None:
        """Erase the person behind a lead; it is audited. Again changes nothing.

        The rows are gone when this returns; sequences end, and their histories go, soon after:
        see :meth:`settle`. What events say of the person from then on is not kept.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            erased = await self.erase_leads([lead_id], connection)
            await actor.record(
                connection,
                tables.audit_table,
                "erase_personal_data",
                f"lead/{lead_id}",
                before=erased,
            )

    async def export_address(self, email: str, actor: Actor) -> tuple[list[str], Rows]:
        """Return whose address it is, and everything that is held about them; it is audited.

        An address of nobody may still have consents and answers.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            lead_ids = await merges.all_ids(raw, await find_by_email(raw, email))
            addresses = await repository.addresses_of(raw, lead_ids)
            found = await export_rows(
                raw, HOLDINGS, lead_ids, {*addresses, comparable_email(email)}
            )
            await actor.record(
                connection,
                tables.audit_table,
                "export_personal_data",
                "leads by email",
                after={"lead_ids": lead_ids},
            )
        return lead_ids, found

    async def erase_address(self, email: str, actor: Actor) -> tuple[list[str], Mapping[str, int]]:
        """Erase whoever has an address, as :meth:`erase`, and what is held by it alone.

        Returns who that was, and how many rows went.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            lead_ids = await merges.all_ids(raw, await find_by_email(raw, email))
            erased = await self.erase_leads(lead_ids, connection, comparable_email(email))
            await actor.record(
                connection,
                tables.audit_table,
                "erase_personal_data",
                "leads by email",
                before=erased,
                after={"lead_ids": lead_ids},
            )
        return lead_ids, erased

    async def save_scores(self, batch: Sequence[Received[Any]]) -> None:
        """Erase contacts whose score is gone, in a batch of ``lead-scores-v1``.

        A score without a successor (a tombstone) is how lead-scoring says that a person was erased.

        Raises:
            TransientError: the database is unavailable.
        """
        erased = {
            received.event.data.key
            for received in batch
            if isinstance(received.event.data, Tombstone)
        }
        if erased:
            async with self._database.transaction() as connection:
                await self.erase_leads(erased, connection)

    async def settle(self, lead_id: str) -> bool:
        """End the sequences of an erased person and delete what Temporal keeps of them.

        What their steps wrote until then is erased, too. Returns ``False`` if Temporal still
        deletes.

        Raises:
            TransientError: the database or Temporal is unavailable.
            FaultError: Temporal refuses a request.
        """
        erased = React(OccurrenceKind.ERASED, self._clock.now(), BY_ERASURE, origin=BY_ERASURE)
        try:
            await self._sequences.send_to_lead(lead_id, erased)
        except OF_ONE as error:  # a workflow that is stuck or busy ends with its deletion
            log.warning("a sequence could not be ended", lead_id=lead_id, code=error.code)
        if not await self._sequences.delete_histories(lead_id):
            return False
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            await erase_rows(raw, HOLDINGS, [lead_id])
            await mark_settled(raw, lead_id)
        return True

    async def erase_leads(
        self, lead_ids: Collection[str], connection: AsyncConnection, *also: str
    ) -> Mapping[str, int]:
        """Erase the persons behind leads, under every id that they have or had.

        Args:
            lead_ids: the leads.
            connection: of a transaction that has locked nothing yet.
            *also: further addresses of theirs, comparable.
        """
        raw = await driver_connection(connection)
        await merges.hold_up(raw)
        lead_ids = await merges.all_ids(raw, lead_ids)
        addresses = {*also, *(await repository.addresses_of(raw, lead_ids))}
        people = [SuppressionKey(Scope.PERSON, each) for each in lead_ids]
        boxes = [SuppressionKey(Scope.ADDRESS, each) for each in addresses]
        await stops.stop(raw, [*people, *boxes])  # who suppresses an address comes before or after
        # What they have asked for by a mail that nothing has followed from yet goes with that mail.
        if wishes := await inbox.wishes_of(raw, lead_ids, addresses):
            await suppress(connection, wishes, Actor(BY_MAIL, BY_MAIL), self._clock.now())
        await save_leads(raw, lead_ids)  # others who write of them wait, and find them erased
        addresses |= await repository.addresses_of(raw, lead_ids)
        theirs = addresses - await repository.used_by_others(raw, addresses, lead_ids)
        await mark_erased(raw, lead_ids)
        await consents.forget_addresses(connection, theirs)
        return await erase_rows(raw, HOLDINGS, lead_ids, theirs)
