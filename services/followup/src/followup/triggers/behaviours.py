"""Watch what leads do, and report each behaviour once when it comes to be seen.

Nothing is taken in by its event's id: what is kept is the same in whatever order, and however
often, the events come.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.triggers.absence import next_look
from followup.domain.triggers.conditions import OPENED_BY_PROGRAMS, Behaviour
from followup.domain.triggers.judging import Judgement, Observed, judge, newly_seen, still_seen
from followup.domain.triggers.observations import Activity, Organisation, Person
from followup.domain.triggers.watch import Watch
from followup.playbooks.service import Playbooks
from followup.triggers import behaviour_repository as repository
from followup.triggers.behaviour_repository import (
    SeenBehaviour,
    WatchedOrganisation,
    WatchedPerson,
)
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.contracts.lead_scores import ScoreChanged
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.lead_profiles.repository import erased_among
from kakehashi_common.polling import poll

LOOKED_AT_ONCE: Final = 200
"""Leads that one transaction judges because of the time."""


class Behaviours:
    """Watches for the behaviours that the playbooks in force know."""

    def __init__(
        self, database: Database, clock: Clock, playbooks: Playbooks, business_days: BusinessDays
    ) -> None:
        self._database = database
        self._clock = clock
        self._playbooks = playbooks
        self._business_days = business_days
        self._in_force: tuple[Playbook, ...] = ()
        self._watch_for_them = Watch.for_behaviours(())

    async def save_lead_events(self, batch: Sequence[Received[Any]]) -> None:
        """Take in the activities of a batch of ``lead-events-v1``.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._observe(
            [
                activity_of(received.event)
                for received in batch
                if isinstance(received.event.data, ActivityRecorded)
                and received.event.data.kind not in OPENED_BY_PROGRAMS
            ]
        )

    async def save_scores(self, batch: Sequence[Received[Any]]) -> None:
        """Take in the scores of a batch of ``lead-scores-v1``.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._observe(
            [
                received.event.data
                for received in batch
                if isinstance(received.event.data, ScoreChanged)
            ]
        )

    async def move(self, connection: RawConnection, lead_id: str, survivor: str) -> None:
        """Take what was observed of a lead that has gone as observed of the one that stays.

        The lead that stays is looked at soon after.
        """
        places, _ = await repository.places_of(connection, [lead_id])
        people = await repository.lock_people(connection, [lead_id, survivor])
        organisations = await repository.lock_organisations(connection, set(places.values()))
        gone, stays = people[lead_id], people[survivor]
        stays.person = stays.person.joined(gone.person)
        stays.seen |= gone.seen
        stays.look_at = self._clock.now()
        people[lead_id] = WatchedPerson()
        for each in organisations.values():
            each.organisation = each.organisation.joined(lead_id, survivor)
        await repository.save_people(connection, people)
        await repository.save_organisations(connection, organisations)
        await repository.move_seen(connection, lead_id, survivor)

    async def save_mail(self, connection: RawConnection, lead_id: str, at: datetime) -> None:
        """Take in a mail to a lead, in the transaction that records that it went.

        The lead is looked at soon after, and then when an answer has been missing for long enough.
        """
        if await erased_among(connection, [lead_id]):
            return
        people = await repository.lock_people(connection, [lead_id])
        watched = people[lead_id]
        watched.person = watched.person.with_mail(at)
        watched.look_at = at
        await repository.save_people(connection, people)

    async def run(self, stop: asyncio.Event) -> None:
        """Judge leads of whom time alone may have made a behaviour be seen, until ``stop``."""
        await poll(stop, self.look_again, "behaviours wait")

    async def look_again(self) -> int:
        """Judge leads of whom time alone may have made a behaviour be seen; return how many.

        To be called again at once while it returns :data:`LOOKED_AT_ONCE`.

        Raises:
            TransientError: the database is unavailable.
        """
        watch = await self._watch()
        async with self._database.raw_transaction() as connection:
            due = await repository.due_for_a_look(connection, self._clock.now(), LOOKED_AT_ONCE)
            if due:
                await self._judge(connection, watch, due, [])
        return len(due)

    async def explain(self, lead_id: str) -> tuple[Judgement, ...]:
        """Return of every behaviour why it is seen in a lead, or what is missing.

        Raises:
            TransientError: the database is unavailable.
        """
        watch = await self._watch()
        async with self._database.raw_transaction() as connection:
            places, roles = await repository.places_of(connection, [lead_id])
            code = places.get(lead_id)
            person, organisation = await repository.find(connection, lead_id, code)
        observed = Observed(person, organisation, roles.get(code or "", {}), self._clock.now())
        return tuple(judge(each, observed, self._business_days) for each in watch.behaviours)

    async def watched(self) -> tuple[Behaviour, ...]:
        """Return every behaviour that a playbook in force knows, by name.

        Raises:
            TransientError: the database is unavailable.
        """
        return tuple(sorted((await self._watch()).behaviours, key=lambda each: each.name))

    async def _watch(self) -> Watch:
        in_force = await self._playbooks.in_force()
        if in_force != self._in_force:
            self._watch_for_them = Watch.for_behaviours(
                behaviour
                for playbook in in_force
                for behaviour in playbook.known_behaviours.values()
            )
            self._in_force = in_force
        return self._watch_for_them

    async def _observe(self, facts: Sequence[Activity | ScoreChanged]) -> None:
        if not facts:
            return
        watch = await self._watch()
        async with self._database.raw_transaction() as connection:
            erased = await erased_among(connection, {each.lead_id for each in facts})
            kept = [each for each in facts if each.lead_id not in erased]
            if kept:
                await self._judge(connection, watch, {each.lead_id for each in kept}, kept)

    async def _judge(
        self,
        connection: RawConnection,
        watch: Watch,
        lead_ids: Collection[str],
        facts: Iterable[Activity | ScoreChanged],
    ) -> None:
        """Take in ``facts`` about these leads, and report what came to be seen."""
        now = self._clock.now()
        places, roles = await repository.places_of(connection, lead_ids)
        people = await repository.lock_people(connection, lead_ids)
        organisations = await repository.lock_organisations(connection, set(places.values()))
        for fact in facts:
            watched, code = people[fact.lead_id], places.get(fact.lead_id)
            there = None if code is None else organisations[code]
            _forget_what_has_run_out(watch, watched, there, roles.get(code or "", {}), now)
            if isinstance(fact, ScoreChanged):
                watched.person = watched.person.with_score(fact.scored_at, fact.engagement)
            else:
                watched.person = watched.person.with_activity(
                    fact, watch.patterns.of_kind(fact.kind)
                )
                several = watch.of_several.of_kind(fact.kind)
                if several and there is not None:
                    there.organisation = there.organisation.with_activity(fact, several)
        seen: list[SeenBehaviour] = []
        for lead_id, watched in people.items():
            watched.person = watched.person.pruned(now, watch.patterns.keys)
            code = places.get(lead_id)
            organisation = organisations[code].organisation if code else Organisation()
            observed = Observed(watched.person, organisation, roles.get(code or "", {}), now)
            fresh, watched.seen = newly_seen(
                watch.of_people, observed, self._business_days, watched.seen
            )
            watched.look_at = self._next_look(watch, watched)
            seen += (_seen(each, now, lead_id, code) for each in fresh)
        for code, place in organisations.items():
            place.organisation = place.organisation.pruned(now, watch.of_several.keys)
            observed = Observed(Person(), place.organisation, roles.get(code, {}), now)
            fresh, place.seen = newly_seen(
                watch.of_organisations, observed, self._business_days, place.seen
            )
            seen += (_seen(each, now, None, code) for each in fresh)
        await repository.save_people(connection, people)
        await repository.save_organisations(connection, organisations)
        await repository.save_seen(connection, seen)

    def _next_look(self, watch: Watch, watched: WatchedPerson) -> datetime | None:
        """Return when to look again; a time that was noted before stays if it is early enough.

        Each activity postpones the end of a silence: it would move the lead in the index each time.
        """
        now, noted = self._clock.now(), watched.look_at
        needed = next_look(watch.of_absence, watched.person, now, self._business_days)
        if needed is not None and noted is not None and now < noted <= needed:
            return noted
        return needed


def _forget_what_has_run_out(
    watch: Watch,
    watched: WatchedPerson,
    there: WatchedOrganisation | None,
    roles: Mapping[str, str],
    now: datetime,
) -> None:
    """Have what has run out of its window by now be seen again if it happens again."""
    organisation = Organisation() if there is None else there.organisation
    if watched.seen:
        observed = Observed(watched.person, organisation, roles, now)
        watched.seen = still_seen(watch.of_people, observed, watched.seen)
    if there is not None and there.seen:
        observed = Observed(Person(), organisation, roles, now)
        there.seen = still_seen(watch.of_organisations, observed, there.seen)


def activity_of(event: Event[ActivityRecorded]) -> Activity:
    """Return what an event says that somebody did; its text is looked at, and not kept."""
    data = event.data
    text = " ".join(value for value in data.details.values() if isinstance(value, str))
    return Activity(data.lead_id, event.occurred_at, data.kind, data.category, text)


def _seen(
    judgement: Judgement, now: datetime, lead_id: str | None, code: str | None
) -> SeenBehaviour:
    behaviour: Behaviour = judgement.behaviour
    return SeenBehaviour(
        behaviour.name,
        now,
        lead_id,
        code,
        judgement.leads,
        behaviour.importance,
        behaviour.urgent,
        judgement.text,
    )
