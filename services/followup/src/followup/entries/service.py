"""Have contacts enter playbooks for the reasons and behaviours that nobody has acted on yet."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.contacts import repository as contacts
from followup.contacts.audience import as_audience
from followup.contacts.repository import Contact
from followup.domain.entering import precedence, reasons_against
from followup.domain.playbooks.playbook import Playbook
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.handling import Handling
from followup.domain.triggers.reasons import Reason, SetAside, contradicts
from followup.entries import repository
from followup.entries.candidates import candidate_for
from followup.entries.repository import EntryDecision
from followup.entries.triggers import Trigger, occurrences_of, of_behaviour, of_reason
from followup.occurrences import repository as occurrences
from followup.playbooks.service import Playbooks
from followup.sellers import repository as sellers
from followup.sequences import repository as sequences
from followup.sequences.service import Sequences
from followup.triggers import behaviour_repository
from followup.triggers import repository as reasons
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import OF_ONE, ConflictError
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)

AT_ONCE: Final = 100
"""Reasons and behaviours that one look acts on."""

_CONTACTS_AT_ONCE: Final = 100
"""Contacts that are looked at together as something has changed about them."""

_SELLER_MISSING: Final = timedelta(minutes=15)
"""After which a reason without a seller is looked at again."""

_LEASE: Final = timedelta(minutes=1)
"""After which it is tried again: the process was killed, Temporal away or a workflow in trouble."""

_SEQUENCES: Final = uuid.UUID("7d6f6c0a-5b1e-5c58-9d0c-0f5e2d3f8a11")


class Entries:
    """Acts on reasons and behaviours. Run it as a component of a process.

    Args:
        database: where they are kept.
        playbooks: in force.
        sequences: that begin.
        clock: gives the present time.
        default_owner: the seller in whose name messages go where a reason names none.
    """

    def __init__(
        self,
        database: Database,
        playbooks: Playbooks,
        sequences: Sequences,
        clock: Clock,
        *,
        default_owner: str | None,
    ) -> None:
        self._database = database
        self._playbooks = playbooks
        self._sequences = sequences
        self._clock = clock
        self._default_owner = default_owner
        self._in_force: tuple[Playbook, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Act until ``stop`` is set."""
        await poll(stop, self.look, "entries wait", full=AT_ONCE)

    async def look(self) -> int:
        """Act on pending reasons and behaviours, urgent and important first; return how many.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        await self._reopen_for_new_playbooks()
        acted_on = 0
        while acted_on < AT_ONCE and (more := await self._act_on_next()):
            acted_on += more
        if acted_on < AT_ONCE:
            await self._decide_again()
        return acted_on

    async def _reopen_for_new_playbooks(self) -> None:
        """Have reasons that are still good acted on by playbooks that have come into force."""
        in_force = await self._playbooks.in_force()
        if in_force == self._in_force:
            return
        async with self._database.raw_transaction() as raw:
            await reasons.reopen(
                raw,
                japan_day(self._clock.now()),
                [(each.id, each.version, each.entry.reasons) for each in in_force],
            )
        self._in_force = in_force

    async def _act_on_next(self) -> int:
        """Act on an urgent behaviour, such as an enquiry, else on what is most important.

        Of a reason and a behaviour of the same importance both are acted on, so that nobody who
        asks waits for a thousand reasons. What is in trouble is taken again after the lease, for
        contacts who have no decision yet. No row is locked while sequences begin: an erasure,
        which the first step may wait for, would wait.
        """
        now = self._clock.now()
        async with self._database.raw_transaction() as raw:
            arisen: list[StoredReason] = []
            seen = await behaviour_repository.pending(raw, now, 1, urgent=True)
            if not seen:
                arisen = await reasons.pending(raw, now, 1)
                seen = await behaviour_repository.pending(raw, now, 1, urgent=False)
                if arisen and seen:
                    arisen, seen = _most_important(arisen, seen)
            for reason in arisen:
                await reasons.put_off(raw, reason.reason_id, now + _LEASE)
            for number in seen:
                await behaviour_repository.put_off(raw, number, now + _LEASE)
        for reason in arisen:
            await self._act_on_reason(reason, now)
        for number, behaviour in seen.items():
            await self._act_on_behaviour(number, behaviour, now)
        return len(arisen) + len(seen)

    async def _act_on_reason(self, reason: StoredReason, now: datetime) -> None:
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            trigger = of_reason(reason)
            if await _names_other_municipality(raw, reason.reason):
                cause = SetAside.OTHER_MUNICIPALITY
                await reasons.mark_set_aside(raw, reason.reason_id, now, cause)
                return
            handling = await self._waits_for_seller(connection, reason, trigger)
            handling = handling or await self._act(connection, trigger)
            if handling is Handling.AWAITS_SELLER:
                until = now + _SELLER_MISSING
                await reasons.mark_waiting_for_seller(raw, reason.reason_id, until)
            elif handling is not None:
                await reasons.mark_handled(raw, reason.reason_id, now, handling)

    async def _waits_for_seller(
        self, connection: AsyncConnection, reason: StoredReason, trigger: Trigger
    ) -> Handling | None:
        if reason.handling is not Handling.AWAITS_SELLER:
            return None
        return None if await self._owner(connection, trigger) else Handling.AWAITS_SELLER

    async def _decide_again(self) -> None:
        """Decide the reasons of today again on contacts about whom something has changed.

        They are new, their profile has changed, or a sequence of theirs that kept them out has
        ended. Who entered for a reason does not enter for it again.
        """
        now = self._clock.now()
        today, lease = japan_day(now), now + _LEASE
        claimed: list[str] = []
        found = _CONTACTS_AT_ONCE
        while not claimed and found == _CONTACTS_AT_ONCE:
            async with self._database.raw_transaction() as raw:
                claimed, found = await repository.claim_to_decide_again(
                    raw, now, today, lease, _CONTACTS_AT_ONCE
                )
        for lead_id in claimed:
            async with self._database.transaction() as connection:
                if await self._decide_on_contact(connection, lead_id):
                    raw = await driver_connection(connection)
                    await repository.mark_decided_again(raw, lead_id, lease)

    async def _decide_on_contact(self, connection: AsyncConnection, lead_id: str) -> bool:
        """Decide the reasons of today on a contact; return whether no workflow was in trouble."""
        now = self._clock.now()
        raw = await driver_connection(connection)
        contact = await contacts.find(raw, lead_id)
        if contact is None or contact.erased_at is not None:
            return True
        decided = []
        for each in await reasons.concerning(
            raw, japan_day(now), lead_id, contact.municipality_code
        ):
            if contradicts(each.reason, contact.municipality_code):
                continue
            handling = await self._act(connection, of_reason(each), contact)
            if handling is Handling.DECIDED and each.handling is Handling.NOBODY:
                await reasons.mark_handled(raw, each.reason_id, now, handling)
            decided.append(handling)
        return None not in decided

    async def _act_on_behaviour(self, number: int, seen: SeenBehaviour, now: datetime) -> None:
        async with self._database.raw_transaction() as raw:
            await occurrences.save(raw, occurrences_of(number, seen), now)
        async with self._database.transaction() as connection:
            handling = await self._act(connection, of_behaviour(number, seen))
            if handling is not None:
                raw = await driver_connection(connection)
                await behaviour_repository.mark_handled(raw, number, now, handling)

    async def decisions(self, lead_id: str, limit: int) -> list[EntryDecision]:
        """Return why a contact entered playbooks or not, the newest first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.of_lead(connection, lead_id, limit)

    async def _act(
        self, connection: AsyncConnection, trigger: Trigger, only: Contact | None = None
    ) -> Handling | None:
        """Decide on all whom it concerns; ``None``: not yet on those with a workflow in trouble.

        Args:
            connection: to read by.
            trigger: the reason or behaviour.
            only: on this contact, whom it concerns; ``None``: on all.
        """
        wanted = [
            playbook
            for playbook in await self._playbooks.in_force()
            if playbook.entry.is_about(trigger.reason, trigger.behaviour)
        ]
        if not wanted:
            return Handling.NO_PLAYBOOK
        wanted.sort(key=lambda playbook: (-playbook.priority, playbook.id))
        raw = await driver_connection(connection)
        people = await self._concerned(connection, trigger, only)
        entered = await repository.entered(raw, trigger.trigger_id)
        owner = None if trigger.reason is None else await self._owner(connection, trigger)
        in_trouble = False
        for contact in people:
            if trigger.reason is None:
                owner = await self._owner(connection, trigger, contact)
            try:
                decided = [
                    await self._decide(connection, trigger, contact, playbook, owner)
                    for playbook in wanted
                    if (contact.lead_id, playbook.id) not in entered
                ]
            except OF_ONE as error:
                in_trouble = True
                log.warning("an entry waits", lead_id=contact.lead_id, code=error.code)
                continue
            # On its own: an erasure, for which an entry waits, would wait for these rows.
            async with self._database.raw_transaction() as own:
                await repository.save(own, decided)
        if in_trouble:
            return None
        if trigger.reason is not None and owner is None:
            return Handling.AWAITS_SELLER
        return Handling.DECIDED if people else Handling.NOBODY

    async def _decide(
        self,
        connection: AsyncConnection,
        trigger: Trigger,
        contact: Contact,
        playbook: Playbook,
        owner: str | None,
    ) -> EntryDecision:
        now = self._clock.now()
        code = contact.municipality_code or trigger.municipality_code
        raw = await driver_connection(connection)

        async def why_not() -> tuple[Text, ...]:
            candidate = await candidate_for(
                connection, self._playbooks, trigger, contact, playbook, owner, now
            )
            return reasons_against(playbook, candidate, trigger.audience, now)

        identity = f"{trigger.trigger_id}/{contact.lead_id}/{playbook.id}"
        sequence_id = uuid.uuid5(_SEQUENCES, identity).hex
        # A row is there if the process was killed before it kept the decision.
        began = await sequences.find(connection, sequence_id) is not None
        against: tuple[Text, ...] = ()
        if not began:
            against = await why_not()
        if not began and not against:
            enter = Enter(
                sequence_id,
                playbook.id,
                playbook.version,
                contact.lead_id,
                trigger.trigger_id,
                trigger.name,
                trigger.by,
                code,
                owner,
                await occurrences.phase_of(raw, code),
                urgent=trigger.urgent,
                good_until=trigger.good_until,
                policy_area=trigger.policy_area,
                one_per_municipality=playbook.entry.one_per_municipality,
                playbook_name=playbook.name,
                origin=trigger.by,
            )
            try:
                await self._sequences.enter(enter)
            except ConflictError:
                pass  # it began before, and has ended by now
            except DomainError as error:  # another trigger was quicker
                already = Text("同じプレイブックが実行中です", error.message)
                against = await why_not() or (already,)
        return EntryDecision(
            trigger.trigger_id,
            contact.lead_id,
            playbook.id,
            playbook.version,
            None if against else sequence_id,
            "。".join(each.ja for each in against),
            "; ".join(each.en for each in against),
            now,
        )

    async def _owner(
        self, connection: AsyncConnection, trigger: Trigger, contact: Contact | None = None
    ) -> str | None:
        """Return the seller in whose name messages go.

        That is whom a reason names, or who has the contact who showed a behaviour: who accepted the
        handoff, or began the latest sequence.
        """
        raw = await driver_connection(connection)
        asked = [trigger.owner]
        if trigger.behaviour is not None and contact is not None:
            asked.append(await occurrences.handoff_owner(raw, contact.lead_id))
            asked.append(await sequences.latest_owner(raw, contact.lead_id))
        for seller_id in filter(None, (*asked, self._default_owner)):
            found = await sellers.find(raw, seller_id)
            if found is not None and found.active:
                return found.seller_id
        return None

    async def _concerned(
        self, connection: AsyncConnection, trigger: Trigger, only: Contact | None
    ) -> list[Contact]:
        """Return the contacts that a trigger is about, or ``only`` if it is among them.

        They are a lead, or those of a municipality who are named; of a reason that names nobody
        who still is there, all of the municipality.
        """
        raw = await driver_connection(connection)
        named = (trigger.lead_id,) if trigger.lead_id is not None else trigger.lead_ids
        people = await contacts.find_all(raw, named) if named else []
        if trigger.lead_id is None and trigger.reason is not None:
            code = trigger.municipality_code
            people = [each for each in people if each.municipality_code == code]
            if not people and code is not None:
                people = await contacts.in_municipality(raw, code) if only is None else [only]
        if only is not None:
            people = [each for each in people if each.lead_id == only.lead_id]
        return sorted(
            (each for each in people if each.erased_at is None),
            key=lambda each: precedence(as_audience(each.role, None).role, each.lead_id),
        )


async def _names_other_municipality(raw: RawConnection, reason: Reason) -> bool:
    """Return whether its lead, known since or moved, is of another municipality than it says."""
    if reason.lead_id is None:
        return False
    lead = await contacts.find(raw, reason.lead_id)
    return lead is not None and contradicts(reason, lead.municipality_code)


def _most_important(
    arisen: list[StoredReason], seen: dict[int, SeenBehaviour]
) -> tuple[list[StoredReason], dict[int, SeenBehaviour]]:
    """Return what is as important as the most important of both."""
    most = max(
        *(each.reason.importance for each in arisen), *(each.importance for each in seen.values())
    )
    return (
        [each for each in arisen if each.reason.importance == most],
        {number: each for number, each in seen.items() if each.importance == most},
    )
