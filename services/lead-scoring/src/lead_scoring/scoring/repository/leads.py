"""Leads as rows: loading and saving many at once, guarded by a version.

Hundreds of leads travel in one statement each way (``unnest``), since a round trip a lead would
cost more than everything else together.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from kakehashi_common.db import RawConnection
from lead_scoring.domain.activity import ActivityCounts
from lead_scoring.domain.lead import (
    NEVER_QUALIFIED,
    Lead,
    OutcomeRecorded,
    Published,
    Qualification,
    Score,
)
from lead_scoring.domain.profile import ATTRIBUTE, Profile, Scalar, Statement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_encode = msgspec.json.Encoder().encode


_FIRST_VERSIONS = 2**30
"""Half of what the column holds; the other half counts writes."""


def _first_version() -> int:
    return random.randrange(_FIRST_VERSIONS)  # noqa: S311 - guards against chance only


@dataclass(slots=True)
class StoredLead:
    """A lead and the version of the row it was read from, or is about to become.

    Versions count writes from a random start: a lead that was erased and came back is never taken
    for the old one, which some consumer may still remember with all that was to be forgotten.
    """

    lead: Lead
    version: int = field(default_factory=_first_version)
    is_new: bool = True
    """Whether there is no row yet."""
    profile_changed: bool = False
    """Whether the profile has to be written too: it changes far less often than the score."""


class StaleLeadsError(Exception):
    """Another writer changed some of these leads since they were read: read them again."""


_SCORED: Final = (
    "lead_id",
    "version",
    "activity",
    "last_activity_at",
    "last_event_at",
    "fit",
    "engagement",
    "grade",
    "scored_at",
    "rule_version",
    "next_grade_change_at",
    "published_fit",
    "published_engagement",
    "published_grade",
    "qualified",
    "qualifications",
    "qualified_at",
    "left_at",
    "municipality_code",
    "outcome",
    "outcome_at",
    "outcome_amount_yen",
    "outcome_event_key",
)
"""Columns of ``lead``, and attributes of the type ``scored_lead`` in this order."""
_PROFILE: Final = {
    "lead_id": "text",
    "person_name": "text",
    "email": "text",
    "phone": "text",
    "department": "text",
    "role": "text",
    "municipality_code": "text",
    "organisation_size": "int",
    "attributes": "jsonb",
    "stamps": "jsonb",
}
"""Columns of ``lead_profile`` and their types."""
_PROFILE_VALUES: Final = tuple(_PROFILE)[1:]
NAMED_FIELDS: Final = _PROFILE_VALUES[:-2]
"""The profile fields that are columns; all others are in ``attributes``."""


def _names(columns: Iterable[str], prefix: str = "") -> str:
    return ", ".join(prefix + column for column in columns)


def _taken_from(row: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{column} = {row}.{column}" for column in columns)


_LOAD = f"""
    select {_names(_SCORED, "l.")}, p.lead_id is not null as known, {_names(_PROFILE_VALUES, "p.")}
    from lead l left join lead_profile p using (lead_id)
    where l.lead_id = any($1::text[])
"""  # noqa: S608 - built from the constants above

# Records, not an array for each column: asyncpg asks of every element whether it is an array
# itself, which would cost twice as much as writing it.
_INSERT = f"""
    insert into lead ({_names(_SCORED)})
    select lead_id, version + 1, {_names(_SCORED[2:])}
    from unnest($1::scored_lead[]) as given order by lead_id
    on conflict (lead_id) do nothing
"""  # noqa: S608 - built from the constants above

_UPDATE = f"""
    update lead set version = given.version + 1, {_taken_from("given", _SCORED[2:])}
    from unnest($1::scored_lead[]) as given
    where lead.lead_id = given.lead_id and lead.version = given.version
"""  # noqa: S608 - built from the constants above

_UPSERT_PROFILE = f"""
    insert into lead_profile ({_names(_PROFILE)})
    select {_names(_PROFILE)}
    from unnest({", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_PROFILE.values(), start=1))})
        as given ({_names(_PROFILE)})
    order by lead_id
    on conflict (lead_id) do update set {_taken_from("excluded", _PROFILE_VALUES)}
"""  # noqa: S608 - built from the constants above


async def load(connection: RawConnection, lead_ids: Sequence[str]) -> dict[str, StoredLead]:
    """Read leads by id; ids without a row are left out."""
    rows = await connection.fetch(_LOAD, lead_ids)
    return {row[0]: _stored_lead(row) for row in rows}


async def lock(connection: RawConnection, lead_ids: Sequence[str]) -> None:
    """Keep other writers of these leads waiting until the transaction ends.

    Read them afterwards: a lead that was waited for has changed since.
    """
    await connection.execute(
        "select from lead where lead_id = any($1::text[]) order by lead_id for update", lead_ids
    )


async def delete(connection: RawConnection, lead_id: str) -> None:
    """Delete a lead with its profile; it is locked."""
    await connection.execute("delete from lead_profile where lead_id = $1", lead_id)
    await connection.execute("delete from lead where lead_id = $1", lead_id)


async def due(connection: RawConnection, now: datetime, limit: int) -> list[str]:
    """Lock and name leads whose grade was due to change by ``now``, longest overdue first.

    Leads that another writer holds are left for the next time.
    """
    rows = await connection.fetch(
        "select lead_id from lead where next_grade_change_at <= $1 "
        "order by next_grade_change_at limit $2 for update skip locked",
        now,
        limit,
    )
    return [row[0] for row in rows]


async def page(connection: RawConnection, after: str, limit: int) -> list[str]:
    """Lock and name the next leads after the id ``after``, in order of their ids."""
    rows = await connection.fetch(
        "select lead_id from lead where lead_id > $1 order by lead_id limit $2 for update",
        after,
        limit,
    )
    return [row[0] for row in rows]


async def count(connection: RawConnection) -> int:
    """Return how many leads there are."""
    total: int = await connection.fetchval("select count(*) from lead")
    return total


async def sample(connection: RawConnection, share: float) -> list[str]:
    """Return the ids of a random ``share`` (above 0, at most 1) of all leads, in no order."""
    rows = await connection.fetch(
        "select lead_id from lead tablesample bernoulli ($1)", 100 * share
    )
    return [row[0] for row in rows]


async def save(connection: RawConnection, leads: Sequence[StoredLead]) -> None:
    """Write scored leads; the caller counts ``version`` up once the transaction has committed.

    Raises:
        StaleLeadsError: a lead has been written, made or erased by another since it was read;
            roll back, read again, repeat.
    """
    made = [stored for stored in leads if stored.is_new]
    changed = [stored for stored in leads if not stored.is_new]
    for statement, part in ((_INSERT, made), (_UPDATE, changed)):
        if part:
            status = await connection.execute(statement, [_lead_row(s) for s in part])
            if int(status.rsplit(" ", 1)[-1]) != len(part):
                raise StaleLeadsError
    if profiles := [stored.lead for stored in leads if stored.profile_changed]:
        columns = zip(*map(_profile_row, profiles), strict=True)
        await connection.execute(_UPSERT_PROFILE, *columns)


def _lead_row(stored: StoredLead) -> tuple[Any, ...]:
    lead = stored.lead
    if lead.score is None:
        raise ValueError(f"lead {lead.lead_id} has not been scored")
    published = lead.published
    outcome = lead.outcome
    qualification = lead.qualification
    return (
        lead.lead_id,
        stored.version,
        lead.activity.to_bytes(),
        lead.last_activity_at,
        lead.last_event_at,
        *lead.score,
        *((None, None, None) if published is None else published),
        *qualification,
        lead.profile.get("municipality_code"),
        *(
            (None, None, None, None)
            if outcome is None
            else (
                outcome.outcome,
                outcome.occurred_at,
                outcome.amount_yen,
                UUID(bytes=outcome.event_key),
            )
        ),
    )


def _profile_row(lead: Lead) -> tuple[Any, ...]:
    values = lead.profile.values()
    stamps = [
        ((at - _EPOCH) // _MICROSECOND, key.hex(), names) for at, key, names, _ in lead.profile
    ]
    attributes = {
        name.removeprefix(ATTRIBUTE): value
        for name, value in values.items()
        if name.startswith(ATTRIBUTE)
    }
    return (
        lead.lead_id,
        *(values.get(name) for name in NAMED_FIELDS),
        _encode(attributes).decode(),
        _encode(stamps).decode(),
    )


def _stored_lead(row: asyncpg.Record) -> StoredLead:
    (
        lead_id,
        version,
        activity,
        last_activity_at,
        last_event_at,
        *scored,
        known,
    ) = row[: len(_SCORED) + 1]
    outcome, outcome_at, amount_yen, outcome_key = scored[14:18]
    lead = Lead(
        lead_id=lead_id,
        activity=ActivityCounts.from_bytes(activity),
        profile=_profile(row[len(_SCORED) + 1 :]) if known else Profile(),
        outcome=None
        if outcome is None
        else OutcomeRecorded(outcome_at, outcome_key.bytes, outcome, amount_yen),
        last_activity_at=last_activity_at,
        last_event_at=last_event_at,
        score=Score(*scored[0:6]),
        published=None if scored[6] is None else Published(*scored[6:9]),
        qualification=Qualification(*scored[9:13]) if scored[10] else NEVER_QUALIFIED,
    )
    return StoredLead(lead, version, is_new=False)


def _profile(columns: Sequence[Any]) -> Profile:
    *named, attributes, stamps = columns  # jsonb comes parsed: SQLAlchemy sets that codec
    values: dict[str, Scalar] = dict(zip(NAMED_FIELDS, named, strict=True))
    for name, value in attributes.items():
        values[ATTRIBUTE + name] = value
    return Profile(
        Statement(
            _EPOCH + at * _MICROSECOND,
            bytes.fromhex(key),
            tuple(names),
            tuple(values.get(name) for name in names),
        )
        for at, key, names in stamps
    )


class LeadCache:
    """The leads that a consumer keeps in memory, at most ``size``, least recently used out first.

    Every write is guarded by the row's version, so a cache that is behind costs a repeated
    transaction and never a wrong score.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._leads: dict[str, StoredLead] = {}

    def __len__(self) -> int:
        return len(self._leads)

    def get(self, lead_id: str) -> StoredLead | None:
        """The lead as it was last committed, if it is here."""
        return self._leads.get(lead_id)

    def keep(self, written: Iterable[StoredLead]) -> None:
        """Keep leads after their transaction committed."""
        held = self._leads
        for stored in written:
            stored.version += 1
            stored.is_new = False
            stored.profile_changed = False
            # Python's dictionaries keep insertion order: out and in again makes it the newest.
            held.pop(stored.lead.lead_id, None)
            held[stored.lead.lead_id] = stored
        while len(held) > self.size:
            del held[next(iter(held))]

    def drop(self, lead_ids: Iterable[str]) -> None:
        """Drop leads that may differ from the database."""
        for lead_id in lead_ids:
            self._leads.pop(lead_id, None)

    def clear(self) -> None:
        """Drop everything: these leads' partitions may belong to another consumer now."""
        self._leads.clear()
