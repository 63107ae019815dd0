"""Have contacts enter playbooks for the reasons and behaviours that nobody has acted on yet."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.consents.repository import pauses
from followup.consents.service import as_recipient, suppression_of_recipient
from followup.contacts import repository as contacts
from followup.contacts.audience import as_audience
from followup.contacts.repository import Contact
from followup.domain.entering import Candidate, precedence, reasons_against
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.send_policy.pauses import PauseCause
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.handling import Handling
from followup.entries import repository
from followup.entries.repository import EntryDecision
from followup.occurrences import repository as occurrences
from followup.occurrences.repository import StoredOccurrence
from followup.playbooks.service import Playbooks
from followup.sellers import repository as sellers
from followup.sequences import repository as sequences
from followup.sequences.service import Sequences
from followup.triggers import behaviour_repository
from followup.triggers import repository as reasons
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.reasons import Audience, ReasonKind
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import OF_ONE, ConflictError
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)

AT_ONCE: Final = 100
"""Reasons and behaviours that one look acts on."""

_LEASE: Final = timedelta(minutes=1)
"""After which it is tried again: the process was killed, Temporal away or a workflow in trouble."""

_BEHAVIOURS: Final = "behaviours"
"""Who says that a behaviour was seen."""

_SEQUENCES: Final = uuid.UUID("7d6f6c0a-5b1e-5c58-9d0c-0f5e2d3f8a11")


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A reason or a behaviour."""

    trigger_id: str
    by: str
    reason: str | None = None
    behaviour: str | None = None
    lead_id: str | None = None
    municipality_code: str | None = None
    owner: str | None = None
    audience: frozenset[Audience] = frozenset()
    policy_area: str | None = None
    urgent: bool = False
    good_until: date | None = None

    @property
    def name(self) -> str:
        """The slug of the reason or behaviour."""
        return self.reason or self.behaviour or ""


class Entries:
    """Acts on reasons and behaviours. Run it as a component of a process.

    Args:
        database: where they are kept.
        playbooks: in force.
        sequences: that begin.
        clock: tells the time.
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

    async def run(self, stop: asyncio.Event) -> None:
        """Act until ``stop`` is set."""
        await poll(stop, self.look, "entries wait")

    async def look(self) -> int:
        """Act on what has come, the most important first, and return on how much.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        acted_on = 0
        while acted_on < AT_ONCE and await self._act_on_next():
            acted_on += 1
        return acted_on

    async def _act_on_next(self) -> bool:
        """Act on one reason or behaviour, unless there is none.

        It comes again after the lease, and those go on on whom nothing was decided. No row is
        locked while sequences begin: an erasure, which the first step may wait for, would wait.
        """
        return await self._act_on_reason() or await self._act_on_behaviour()

    async def _act_on_reason(self) -> bool:
        now = self._clock.now()
        async with self._database.raw_transaction() as raw:
            claimed = await reasons.pending(raw, now, 1)
            for each in claimed:
                await reasons.put_off(raw, each.reason_id, now + _LEASE)
        for each in claimed:
            async with self._database.transaction() as connection:
                handling = await self._act(connection, _of_reason(each))
                if handling is not None:
                    raw = await driver_connection(connection)
                    await reasons.mark_handled(raw, each.reason_id, now, handling)
        return bool(claimed)

    async def _act_on_behaviour(self) -> bool:
        now = self._clock.now()
        async with self._database.raw_transaction() as raw:
            claimed = await behaviour_repository.pending(raw, now, 1)
            for number in claimed:
                await behaviour_repository.put_off(raw, number, now + _LEASE)
        for number, seen in claimed.items():
            async with self._database.raw_transaction() as raw:
                await occurrences.save(raw, _occurrences(number, seen), now)
            async with self._database.transaction() as connection:
                handling = await self._act(connection, _of_behaviour(number, seen))
                if handling is not None:
                    raw = await driver_connection(connection)
                    await behaviour_repository.mark_handled(raw, number, now, handling)
        return bool(claimed)

    async def decisions(self, lead_id: str, limit: int) -> list[EntryDecision]:
        """Return why a contact entered playbooks or not, the newest first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.of_lead(connection, lead_id, limit)

    async def _act(self, connection: AsyncConnection, trigger: _Trigger) -> Handling | None:
        """Decide on all whom it concerns; ``None``: not yet on those with a workflow in trouble."""
        wanted = [
            playbook
            for playbook in await self._playbooks.in_force()
            if playbook.entry.is_about(trigger.reason, trigger.behaviour)
        ]
        if not wanted:
            return Handling.NO_PLAYBOOK
        wanted.sort(key=lambda playbook: (-playbook.priority, playbook.id))
        raw = await driver_connection(connection)
        owner = await self._owner(connection, trigger)
        people = await self._concerned(connection, trigger)
        before = await repository.decided_on(raw, trigger.trigger_id)
        in_trouble = False
        for contact in people:
            if contact.lead_id in before:
                continue
            try:
                decided = [
                    await self._decide(connection, trigger, contact, playbook, owner)
                    for playbook in wanted
                ]
            except OF_ONE as error:
                in_trouble = True
                log.warning("an entry waits", lead_id=contact.lead_id, code=error.code)
                continue
            await repository.save(raw, decided)
        if in_trouble:
            return None
        return Handling.DECIDED if people else Handling.NOBODY

    async def _decide(
        self,
        connection: AsyncConnection,
        trigger: _Trigger,
        contact: Contact,
        playbook: Playbook,
        owner: str | None,
    ) -> EntryDecision:
        now = self._clock.now()
        code = contact.municipality_code or trigger.municipality_code
        raw = await driver_connection(connection)
        place = code if playbook.entry.one_per_municipality else None
        last_begun, is_open = await sequences.last_start(
            connection, playbook.id, contact.lead_id, place
        )
        candidate = Candidate(
            as_audience(contact.role, contact.municipality_code, trigger.policy_area),
            has_address=contact.email is not None,
            has_owner=owner is not None,
            last_begun=last_begun,
            under_way=await self._under_way(connection, contact.lead_id),
            paused=await self._paused(connection, trigger, code, now),
            stood_for=place is not None and is_open,
            suppression=await suppression_of_recipient(raw, as_recipient(contact, code)),
        )
        identity = f"{trigger.trigger_id}/{contact.lead_id}/{playbook.id}"
        sequence_id = uuid.uuid5(_SEQUENCES, identity).hex
        # A row is there if the process was killed before it kept the decision.
        began = await sequences.find(connection, sequence_id) is not None
        against: tuple[Text, ...] = ()
        if not began:
            against = reasons_against(playbook, candidate, trigger.audience, now)
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
                origin=trigger.by,
            )
            try:
                await self._sequences.enter(enter)
            except ConflictError:
                pass  # it began before, and has ended by now
            except DomainError as error:  # another trigger was quicker
                against = (Text("同じプレイブックが実行中です", error.message),)
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

    async def _paused(
        self, connection: AsyncConnection, trigger: _Trigger, code: str | None, now: datetime
    ) -> bool:
        """Return whether a disaster keeps contacts out; what they do by themselves lets them in."""
        if trigger.reason in {None, ReasonKind.DISASTER}:
            return False
        return any(
            pause.cause is PauseCause.DISASTER and pause.holds(code, now)
            for pause in await pauses(await driver_connection(connection), code, now)
        )

    async def _under_way(self, connection: AsyncConnection, lead_id: str) -> tuple[Playbook, ...]:
        return tuple(
            [
                await self._playbooks.find(connection, each.playbook_id, each.playbook_version)
                for each in await sequences.open_of(connection, lead_id)
            ]
        )

    async def _owner(self, connection: AsyncConnection, trigger: _Trigger) -> str | None:
        for seller_id in (trigger.owner, self._default_owner):
            found = (
                None
                if seller_id is None
                else await sellers.find(await driver_connection(connection), seller_id)
            )
            if found is not None and found.active:
                return found.seller_id
        return None

    async def _concerned(self, connection: AsyncConnection, trigger: _Trigger) -> list[Contact]:
        """Return the contacts that a trigger is about: a lead, else all of a municipality."""
        raw = await driver_connection(connection)
        if trigger.lead_id is not None:
            found = await contacts.find(raw, trigger.lead_id)
            people = [] if found is None else [found]
        elif trigger.municipality_code is not None:
            people = await contacts.in_municipality(raw, trigger.municipality_code)
        else:
            people = []
        return sorted(
            (each for each in people if each.erased_at is None),
            key=lambda each: precedence(as_audience(each.role, None).role, each.lead_id),
        )


def _of_reason(stored: StoredReason) -> _Trigger:
    reason = stored.reason
    return _Trigger(
        str(stored.reason_id),
        FOLLOWUP_TRIGGERS.name,
        reason=reason.kind,
        lead_id=reason.lead_id,
        municipality_code=reason.municipality_code,
        owner=reason.owner,
        audience=reason.audience,
        policy_area=reason.policy_area,
        urgent=reason.urgent,
        good_until=reason.good_until,
    )


def _of_behaviour(number: int, seen: SeenBehaviour) -> _Trigger:
    return _Trigger(
        f"behaviour-{number}",
        _BEHAVIOURS,
        behaviour=seen.name,
        lead_id=seen.lead_id,
        municipality_code=seen.municipality_code,
    )


def _occurrences(number: int, seen: SeenBehaviour) -> list[StoredOccurrence]:
    """Return what a behaviour is to the sequences of those who showed it."""
    return [
        StoredOccurrence(
            event_key(_BEHAVIOURS, f"{number}/{lead_id}"),
            OccurrenceKind.BEHAVIOUR,
            seen.seen_at,
            _BEHAVIOURS,
            lead_id=lead_id,
            name=seen.name,
        )
        for lead_id in ([seen.lead_id] if seen.lead_id is not None else seen.lead_ids)
    ]
