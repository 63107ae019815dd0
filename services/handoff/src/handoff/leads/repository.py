"""SQL for leads. A later statement replaces an earlier one."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from handoff.domain.lead import (
    Activity,
    Known,
    LeadField,
    Person,
    Pursuit,
    Reason,
    Score,
)
from kakehashi_common.db import RawConnection
from kakehashi_common.lead_profiles.repository import mark_erased, move_fields

ACTIVITIES_KEPT: Final = 50
"""Key events of a lead, the newest."""


@dataclass(frozen=True, slots=True)
class LeadActive:
    """The times of a lead's last activity and contact; ``None``: not by these events."""

    lead_id: str
    last_activity_at: datetime | None
    last_contact_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActivitySaid:
    """A key event."""

    lead_id: str
    event_key: UUID
    activity: Activity


@dataclass(frozen=True, slots=True)
class ScoreSaid:
    """The score of a lead."""

    lead_id: str
    municipality_code: str | None
    score: Score


@dataclass(frozen=True, slots=True)
class PursuitSaid:
    """The outcome of a pursuit."""

    municipality_code: str
    pursuit: Pursuit


@dataclass(frozen=True, slots=True)
class Erased:
    """The amount of data held about the people behind leads."""

    leads: int
    packets: int
    """Packets of their handoffs that held texts of people."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead's own row."""

    last_activity_at: datetime | None
    last_contact_at: datetime | None
    municipality_code: str | None
    """As its score names it."""
    score: Score | None


async def save_leads(connection: RawConnection, leads: Iterable[LeadActive]) -> None:
    """Add leads, and move their last activity and contact forward; never back.

    Each writer of a lead does this first, so that two of them wait for each other.
    """
    ordered = sorted(leads, key=lambda each: each.lead_id)
    await connection.execute(
        "insert into lead as known (lead_id, last_activity_at, last_contact_at) "
        "select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) "
        "on conflict (lead_id) do update set "
        "last_activity_at = greatest(known.last_activity_at, excluded.last_activity_at), "
        "last_contact_at = greatest(known.last_contact_at, excluded.last_contact_at)",
        [each.lead_id for each in ordered],
        [each.last_activity_at for each in ordered],
        [each.last_contact_at for each in ordered],
    )


async def save_activities(connection: RawConnection, said: Sequence[ActivitySaid]) -> None:
    """Keep the newest :data:`ACTIVITIES_KEPT` of each lead."""
    await connection.executemany(
        "insert into lead_activity (lead_id, event_key, at, kind, category, source) "
        "values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        [
            (
                each.lead_id,
                each.event_key,
                each.activity.at,
                each.activity.kind,
                each.activity.category,
                each.activity.source,
            )
            for each in said
        ],
    )
    await connection.execute(
        "delete from lead_activity using (select lead_id, event_key, row_number() over "
        "(partition by lead_id order by at desc, event_key desc) as number from lead_activity "
        "where lead_id = any($1::text[])) as ranked where ranked.number > $2 "
        "and lead_activity.lead_id = ranked.lead_id "
        "and lead_activity.event_key = ranked.event_key",
        sorted({each.lead_id for each in said}),
        ACTIVITIES_KEPT,
    )


async def save_scores(connection: RawConnection, scores: Iterable[ScoreSaid]) -> None:
    """Store scores that are newer than the stored ones."""
    await connection.executemany(
        "insert into lead as known (lead_id, scored_at, grade, fit, engagement, reasons, "
        "score_source, municipality_code) values ($1, $2, $3, $4, $5, $6, $7, $8) "
        "on conflict (lead_id) do update set scored_at = excluded.scored_at, "
        "grade = excluded.grade, fit = excluded.fit, engagement = excluded.engagement, "
        "reasons = excluded.reasons, score_source = excluded.score_source, "
        "municipality_code = excluded.municipality_code "
        "where known.scored_at is null or known.scored_at < excluded.scored_at",
        [_score_values(each) for each in sorted(scores, key=lambda each: each.lead_id)],
    )


async def save_pursuits(connection: RawConnection, pursuits: Iterable[PursuitSaid]) -> None:
    """Store pursuits that are newer than the stored ones."""
    await connection.executemany(
        "insert into pursuit as known (pursuit_id, municipality_code, policy_area, budgeted, "
        "decided_on, said_at, fiscal_year, amount_yen, proposed_next) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (pursuit_id) do update set "
        "municipality_code = excluded.municipality_code, policy_area = excluded.policy_area, "
        "budgeted = excluded.budgeted, decided_on = excluded.decided_on, "
        "said_at = excluded.said_at, "
        "fiscal_year = excluded.fiscal_year, amount_yen = excluded.amount_yen, "
        "proposed_next = excluded.proposed_next where known.said_at < excluded.said_at",
        [_pursuit_values(each) for each in sorted(pursuits, key=lambda p: p.pursuit.pursuit_id)],
    )


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Move everything that is stored of a lead that was merged to the one that stays.

    Its score is deleted: lead-scoring publishes the score of both together.
    """
    await save_leads(
        connection, [LeadActive(lead_id, None, None), LeadActive(survivor, None, None)]
    )
    await move_fields(connection, lead_id, survivor)
    await connection.execute(
        "insert into lead_activity select $2, event_key, at, kind, category, source "
        "from lead_activity where lead_id = $1 on conflict do nothing",
        lead_id,
        survivor,
    )
    await connection.execute(
        "insert into lead_followup select $2, at, kind, reference, playbook_id, step_id, source "
        "from lead_followup where lead_id = $1 on conflict do nothing",
        lead_id,
        survivor,
    )
    await connection.execute(
        "update lead set last_activity_at = greatest(lead.last_activity_at, gone.last_activity_at),"
        " last_contact_at = greatest(lead.last_contact_at, gone.last_contact_at) "
        "from lead gone where lead.lead_id = $2 and gone.lead_id = $1",
        lead_id,
        survivor,
    )
    await connection.execute("delete from lead where lead_id = $1", lead_id)


async def lead(connection: RawConnection, lead_id: str) -> LeadRow | None:
    """Return the lead's own row."""
    row = await connection.fetchrow("select * from lead where lead_id = $1", lead_id)
    if row is None:
        return None
    score = None
    if row["scored_at"] is not None:
        score = Score(
            row["grade"],
            row["fit"],
            row["engagement"],
            row["scored_at"],
            row["score_source"],
            tuple(map(_reason, row["reasons"])),
        )
    return LeadRow(row["last_activity_at"], row["last_contact_at"], row["municipality_code"], score)


async def fields_of(
    connection: RawConnection, lead_ids: Collection[str]
) -> Mapping[str, Mapping[LeadField, Known]]:
    """Return the fields that are known of each of these leads."""
    rows = await connection.fetch(
        "select lead_id, name, value, source, at from lead_field "
        "where lead_id = any($1::text[]) and value is not null",
        list(lead_ids),
    )
    found: dict[str, dict[LeadField, Known]] = {}
    for lead_id, name, *said in rows:
        found.setdefault(lead_id, {})[LeadField(name)] = Known(*said)
    return found


async def activities_of(connection: RawConnection, lead_id: str) -> list[Activity]:
    """Return the key events of a lead, the newest first."""
    rows = await connection.fetch(
        "select kind, category, at, source from lead_activity where lead_id = $1 "
        "order by at desc, event_key desc",
        lead_id,
    )
    return [Activity(*row) for row in rows]


async def active_in(
    connection: RawConnection, municipality_code: str, since: datetime
) -> list[tuple[str, datetime]]:
    """Return the leads of a municipality that were active since then, and when they last were."""
    rows = await connection.fetch(
        "select lead_id, last_activity_at from lead_field join lead using (lead_id) "
        "where name = 'municipality_code' and value = $1 and last_activity_at >= $2 "
        "order by last_activity_at desc, lead_id limit $3",
        municipality_code,
        since,
        _PEOPLE_SHOWN,
    )
    return [(row[0], row[1]) for row in rows]


async def pursuits_in(connection: RawConnection, municipality_code: str) -> list[Pursuit]:
    """Return the newest pursuits of a municipality, the newest first."""
    rows = await connection.fetch(
        "select pursuit_id, policy_area, budgeted, decided_on, said_at, fiscal_year, amount_yen, "
        "proposed_next from pursuit where municipality_code = $1 "
        "order by decided_on desc, pursuit_id limit $2",
        municipality_code,
        _PURSUITS_SHOWN,
    )
    return [Pursuit(*row) for row in rows]


async def packet_entries(
    connection: RawConnection, lead_ids: Collection[str]
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the texts that people have written into packets of handoffs of leads, by handoff."""
    rows = await connection.fetch(
        "select handoff_id, entries from packet join handoff using (handoff_id) "
        "where lead_id = any($1::text[]) order by handoff_id",
        list(lead_ids),
    )
    return {row["handoff_id"]: row["entries"] for row in rows}


async def erase(connection: RawConnection, lead_ids: Collection[str]) -> Erased:
    """Delete everything that is stored of these leads, and the texts written into their packets.

    Later statements about their persons are not kept:
    see :mod:`kakehashi_common.lead_profiles.repository`.
    """
    leads = sorted(lead_ids)
    # As `save_leads` does first: an event of a lead that isn't known waits, and finds it erased.
    known = await connection.fetch(
        "insert into lead as known (lead_id) select unnest($1::text[]) "
        "on conflict (lead_id) do update set lead_id = excluded.lead_id returning xmax <> 0",
        leads,
    )
    await mark_erased(connection, leads)
    await connection.execute("delete from lead where lead_id = any($1::text[])", leads)
    packets = await connection.execute(
        "delete from packet using handoff where handoff.handoff_id = packet.handoff_id "
        "and handoff.lead_id = any($1::text[])",
        leads,
    )
    return Erased(leads=sum(was_known for (was_known,) in known), packets=_affected(packets))


def _affected(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])


_PEOPLE_SHOWN: Final = 100
_PURSUITS_SHOWN: Final = 5


def person(lead_id: str, at: datetime, fields: Mapping[LeadField, Known]) -> Person:
    """Return a person from the fields of their lead."""

    def value(name: LeadField) -> str | None:
        known = fields.get(name)
        return None if known is None else known.value

    return Person(
        lead_id,
        at,
        value(LeadField.ROLE),
        value(LeadField.DEPARTMENT),
        value(LeadField.PERSON_NAME),
    )


def _score_values(said: ScoreSaid) -> tuple[Any, ...]:
    score = said.score
    reasons = [
        {
            "label": each.label,
            "points": each.points,
            "count": each.count,
            "last_on": each.last_on and each.last_on.isoformat(),
        }
        for each in score.reasons
    ]
    return (
        said.lead_id,
        score.at,
        score.grade,
        score.fit,
        score.engagement,
        json.dumps(reasons, ensure_ascii=False),
        score.source,
        said.municipality_code,
    )


def _reason(stored: Mapping[str, Any]) -> Reason:
    last_on = stored["last_on"]
    return Reason(
        stored["label"],
        stored["points"],
        stored["count"],
        None if last_on is None else date.fromisoformat(last_on),
    )


def _pursuit_values(said: PursuitSaid) -> tuple[Any, ...]:
    pursuit = said.pursuit
    return (
        pursuit.pursuit_id,
        said.municipality_code,
        pursuit.policy_area,
        pursuit.budgeted,
        pursuit.decided_on,
        pursuit.at,
        pursuit.fiscal_year,
        pursuit.amount_yen,
        pursuit.proposed_next,
    )
