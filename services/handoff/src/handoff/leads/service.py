"""Keep the facts about leads that a packet shows, from other services' events, and erase them.

A later statement replaces an earlier one, so events in any order, or delivered twice, give the same
result. Of a person only the name, department and part in the decision are kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handoff import tables
from handoff.domain.lead import (
    CONTACTS,
    MINOR,
    Activity,
    Lead,
    LeadField,
    Pursuit,
    Reason,
    Score,
)
from handoff.leads import followup_repository, repository
from handoff.leads.followups import activity_by, followup_said
from handoff.leads.holdings import HOLDINGS
from handoff.leads.queries import known_lead
from handoff.leads.repository import (
    ActivitySaid,
    Erased,
    LeadActive,
    PursuitSaid,
    ScoreSaid,
)
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.budget_phases import PursuitBudgeted, PursuitCut
from kakehashi_common.contracts.events import Event, Tombstone
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.lead_scores import Contribution, ScoreChanged
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.lead_merges import repository as merges
from kakehashi_common.lead_merges.batches import merges_in
from kakehashi_common.lead_profiles.events import fields_said
from kakehashi_common.lead_profiles.holdings import Rows, export_rows
from kakehashi_common.lead_profiles.repository import FieldSaid, erased_among, save_fields

REASONS_KEPT: Final = 5
"""Lines of a score's explanation, the strongest."""

_SAME_NAME: Final = (
    LeadField.MUNICIPALITY_CODE,
    LeadField.DEPARTMENT,
    LeadField.ROLE,
    LeadField.PERSON_NAME,
)


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that is held about the person behind a lead."""

    lead: Lead
    packets: Mapping[str, Sequence[Mapping[str, Any]]]
    """The texts that people have written into packets, by handoff."""
    held: Rows
    """All of it, row by row."""


class Leads:
    """Keeps and erases what is known of leads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def save_merges(self, batch: Sequence[Received[Any]]) -> None:
        """Record which leads are one person; a repetition changes nothing.

        Handoffs go on under the id with which they began, and show the lead that stays.

        Raises:
            ContradictoryMergeError: a merge contradicts an earlier one.
            TransientError: the database is unavailable.
        """
        said = [each.event for each in merges_in(batch)]
        if not said:
            return
        async with self._database.raw_transaction() as connection:
            for merge in await merges.admit(connection, said):
                await repository.move(connection, merge.lead_id, merge.survivor)
                if await erased_among(connection, [merge.survivor]):
                    ids = await merges.all_ids(connection, [merge.survivor])
                    await repository.erase(connection, ids)

    async def save_lead_events(self, batch: Sequence[Received[Any]]) -> None:
        """Store the statements about leads in a batch of ``lead-events-v1``.

        Raises:
            TransientError: the database is unavailable.
        """
        fields = [each for received in batch for each in _fields(received)]
        activities = [each for received in batch for each in _activities(received)]
        async with self._database.raw_transaction() as connection:
            await repository.save_leads(connection, _each_once(_active(batch)))
            await save_fields(connection, fields)
            await repository.save_activities(connection, activities)

    async def save_scores(self, batch: Sequence[Received[Any]]) -> None:
        """Store the scores of a batch of ``lead-scores-v1``; erase leads whose score is gone.

        A score without a successor (a tombstone) means that lead-scoring erased the person.

        Raises:
            TransientError: the database is unavailable.
        """
        erased: set[str] = set()
        scores: dict[str, ScoreSaid] = {}
        for received in batch:
            data = received.event.data
            if isinstance(data, Tombstone):
                erased.add(data.key)
                scores.pop(data.key, None)
            elif isinstance(data, ScoreChanged):
                said = _score(received.event)
                before = scores.get(said.lead_id)
                if before is None or before.score.at < said.score.at:
                    scores[said.lead_id] = said
        async with self._database.raw_transaction() as connection:
            await merges.hold_up(connection)
            await repository.erase(connection, await merges.all_ids(connection, erased))
            gone = await merges.surviving(connection, scores)
            stay = [each for lead_id, each in scores.items() if lead_id not in gone]
            await repository.save_scores(connection, stay)

    async def save_followups(self, batch: Sequence[Received[Any]]) -> None:
        """Store the follow-ups of leads in a batch of ``followups-v1``.

        Raises:
            TransientError: the database is unavailable.
        """
        said = [each for received in batch if (each := followup_said(received.event)) is not None]
        if not said:
            return
        async with self._database.raw_transaction() as connection:
            await repository.save_leads(connection, _each_once(map(activity_by, said)))
            await followup_repository.save_followups(connection, said)

    async def save_pursuits(self, batch: Sequence[Received[Any]]) -> None:
        """Store the outcomes of pursuits in a batch of ``budget-phases-v1``.

        Raises:
            TransientError: the database is unavailable.
        """
        pursuits = [each for received in batch for each in _pursuits(received.event)]
        async with self._database.raw_transaction() as connection:
            await repository.save_pursuits(connection, pursuits)

    async def known(self, lead_id: str) -> Lead:
        """Return what is known of a lead; a lead of which nothing is known is empty.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await known_lead(connection, lead_id, self._clock.now())

    async def export(self, lead_id: str, actor: Actor) -> Export:
        """Return everything that is held about the person behind a lead, under any of their ids.

        It is audited.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            ids = await merges.all_ids(raw, [lead_id])
            exported = Export(
                await known_lead(raw, lead_id, self._clock.now()),
                await repository.packet_entries(raw, ids),
                await export_rows(raw, HOLDINGS, ids),
            )
            await actor.record(
                connection, tables.audit_table, "export_personal_data", f"lead/{lead_id}"
            )
        return exported

    async def erase(self, lead_id: str, actor: Actor) -> Erased:
        """Erase the person behind a lead, and the texts that people wrote into the lead's packets.

        A repetition changes nothing. Later statements about the person are not kept, whatever their
        time; municipality, key events and score are.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            await merges.hold_up(raw)
            erased = await repository.erase(raw, await merges.all_ids(raw, [lead_id]))
            await actor.record(
                connection,
                tables.audit_table,
                "erase_personal_data",
                f"lead/{lead_id}",
                before={"leads": erased.leads, "packets": erased.packets},
            )
        return erased


def _active(batch: Sequence[Received[Any]]) -> Iterator[LeadActive]:
    for received in batch:
        event = received.event
        data = event.data
        if isinstance(data, ActivityRecorded):
            contact = event.occurred_at if data.kind in CONTACTS else None
            yield LeadActive(data.lead_id, event.occurred_at, contact)
        elif isinstance(data, ProfileChanged):
            yield LeadActive(data.lead_id, None, None)


def _each_once(active: Iterable[LeadActive]) -> Iterable[LeadActive]:
    """Return each lead with its latest times."""
    latest: dict[str, LeadActive] = {}
    for each in active:
        before = latest.get(each.lead_id, each)
        latest[each.lead_id] = LeadActive(
            each.lead_id,
            _later(before.last_activity_at, each.last_activity_at),
            _later(before.last_contact_at, each.last_contact_at),
        )
    return latest.values()


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)


def _fields(received: Received[Any]) -> Iterator[FieldSaid]:
    yield from fields_said(received, _SAME_NAME)
    event = received.event
    data = event.data
    if not isinstance(data, ProfileChanged):
        return
    consent = data.attributes.get(LeadField.CONSENT)
    if LeadField.CONSENT in data.attributes and isinstance(consent, bool | None):
        value = None if consent is None else str(consent).lower()
        yield FieldSaid(
            data.lead_id, LeadField.CONSENT, value, event.occurred_at, received.key, event.source
        )


def _activities(received: Received[Any]) -> Iterator[ActivitySaid]:
    event = received.event
    data = event.data
    if isinstance(data, ActivityRecorded) and data.kind not in MINOR:
        activity = Activity(data.kind, data.category, event.occurred_at, event.source)
        yield ActivitySaid(data.lead_id, received.key, activity)


def _score(event: Event[ScoreChanged]) -> ScoreSaid:
    data = event.data
    rules = [each for each in data.contributions if each.kind == "rule" and each.points]
    strongest = sorted(rules, key=lambda each: -abs(each.points))[:REASONS_KEPT]
    score = Score(
        data.grade,
        data.fit,
        data.engagement,
        data.scored_at,
        event.source,
        tuple(map(_reason, strongest)),
    )
    return ScoreSaid(data.lead_id, data.municipality_code, score)


def _reason(line: Contribution) -> Reason:
    return Reason(line.label.ja, line.points, line.count, line.last_on)


def _pursuits(event: Event[Any]) -> Iterator[PursuitSaid]:
    data = event.data
    match data:
        case PursuitBudgeted():
            pursuit = Pursuit(
                data.pursuit_id,
                data.policy_area,
                budgeted=True,
                decided_on=data.budgeted_on,
                at=event.occurred_at,
                fiscal_year=data.fiscal_year,
                amount_yen=data.amount_yen,
            )
        case PursuitCut():
            pursuit = Pursuit(
                data.pursuit_id,
                data.policy_area,
                budgeted=False,
                decided_on=data.cut_on,
                at=event.occurred_at,
                proposed_next=data.proposed_next,
            )
        case _:
            return
    yield PursuitSaid(data.municipality_code, pursuit)
