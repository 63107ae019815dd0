"""Occurrences as rows: ``look_at`` says when open sequences are to be notified of one."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from followup import stops
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import Scope, SuppressionKey
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.playbooks.walk import Occurrence
from followup.domain.sequences.state import SequenceState
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.db import RawConnection
from kakehashi_common.reads import Read

_COLUMNS: Final = "occurrence_id, kind, at, said_by, lead_id, municipality_code, name"


_CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By how much Temporal's clock and that of the consumer may."""


@dataclass(frozen=True, slots=True)
class StoredOccurrence:
    """Something that happened to a lead, or to a municipality."""

    occurrence_id: UUID
    """The same however often it is said. A municipality has one, its newest phase."""
    kind: OccurrenceKind
    at: datetime
    by: str
    """The author: a topic, or the means that the contact has used."""
    lead_id: str | None = None
    municipality_code: str | None = None
    name: str = ""
    """Of the behaviour or phase; of a handoff its owner."""

    @property
    def occurrence(self) -> Occurrence:
        """As sequences know it."""
        return Occurrence(self.kind, self.at, self.name)


async def save(
    connection: RawConnection, occurrences: Collection[StoredOccurrence], now: datetime
) -> None:
    """Store what is new; a phase takes the place of an earlier one of its municipality.

    What is said of a lead whose person was erased is not kept.
    """
    of_leads = (each.lead_id for each in occurrences if each.lead_id is not None)
    await stops.stop(connection, (SuppressionKey(Scope.PERSON, each) for each in of_leads))
    ordered = sorted(occurrences, key=lambda each: (each.occurrence_id, each.at))
    await connection.executemany(
        f"insert into occurrence ({_COLUMNS}, received_at, look_at) "  # noqa: S608 - our own columns
        "select $1::uuid, $2::text, $3::timestamptz, $4::text, $5::text, $6::text, $7::text, "
        "$8::timestamptz, $8 where not exists (select from erased_lead where lead_id = $5) "
        "on conflict (occurrence_id) do update set at = excluded.at, name = excluded.name, "
        "received_at = excluded.received_at, look_at = excluded.look_at "
        "where occurrence.municipality_code is not null and occurrence.at < excluded.at",
        [
            (
                each.occurrence_id,
                each.kind,
                each.at,
                each.by,
                each.lead_id,
                each.municipality_code,
                each.name,
                now,
            )
            for each in ordered
        ],
    )


async def copy(connection: RawConnection, lead_id: str, survivor: str, now: datetime) -> None:
    """Take what happened to a lead that has gone as having happened to the one that stays."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from occurrence where lead_id = $1 and kind <> $2",  # noqa: S608
        lead_id,
        OccurrenceKind.MERGED,
    )
    copies = [
        replace(
            each,
            occurrence_id=event_key("merges", f"{each.occurrence_id}/{survivor}"),
            lead_id=survivor,
        )
        for each in map(_stored, rows)
    ]
    await save(connection, copies, now)


async def handoff_owner(connection: RawConnection, lead_id: str) -> str | None:
    """Return who accepted the latest handoff of a lead, where an event said it."""
    found: str | None = await connection.fetchval(
        "select name from occurrence where lead_id = $1 and kind = $2 and name <> '' "
        "order by at desc limit 1",
        lead_id,
        OccurrenceKind.HANDOFF_ACCEPTED,
    )
    return found


async def claim(
    connection: RawConnection,
    now: datetime,
    lease: timedelta,
    limit: int,
    *,
    of_leads: bool,
) -> list[StoredOccurrence]:
    """Return what sequences are to be notified of, the oldest first; again after the lease."""
    rows = await connection.fetch(
        f"update occurrence set look_at = $2 where occurrence_id in "  # noqa: S608
        "(select occurrence_id from occurrence where look_at <= $1 "
        "and (lead_id is not null) = $4 order by look_at, at limit $3 for update skip locked) "
        f"returning {_COLUMNS}",
        now,
        now + lease,
        limit,
        of_leads,
    )
    return sorted(map(_stored, rows), key=lambda each: (each.at, each.occurrence_id))


async def mark_notified(
    connection: RawConnection, occurrence_id: UUID, claimed_until: datetime
) -> None:
    """Mark an occurrence as delivered, unless a sequence has begun since it was claimed."""
    await connection.execute(
        "update occurrence set look_at = null where occurrence_id = $1 and look_at = $2",
        occurrence_id,
        claimed_until,
    )


async def notify_again(connection: RawConnection, state: SequenceState, now: datetime) -> None:
    """Have a sequence that has just begun, or begun again, notified of what came since.

    Whoever notified the others may not have seen it. One that began without a budget phase is
    notified of its municipality's, however long ago that began.
    """
    knows_phase = any(each.kind is OccurrenceKind.PHASE_BEGAN for each in state.occurrences)
    await connection.execute(
        "update occurrence set look_at = $5 where (lead_id = $1 and received_at >= $3) "
        "or (municipality_code = $2 and (received_at >= $3 or not $4))",
        state.lead_id,
        state.municipality_code,
        state.started_at - _CLOCKS_DIFFER,
        knows_phase,
        now,
    )


def pending_of(lead_id: str) -> Read[list[StoredOccurrence]]:
    """Read the occurrences of a lead of which some of its sequences may not be notified yet."""
    return Read(
        f"select {_COLUMNS} from occurrence where lead_id = $1 and look_at is not null",  # noqa: S608
        [lead_id],
        lambda rows: [_stored(row) for row in rows],
    )


async def open_recipients(
    connection: RawConnection, keys: Collection[SuppressionKey]
) -> list[tuple[Recipient, datetime]]:
    """Return contacts with open sequences, all whom one of these keys names among them.

    With each comes when the last of the sequences began; the one that began last is the last.
    """
    values: dict[Scope, list[str]] = {scope: [] for scope in Scope}
    for scope, value in keys:
        values[scope].append(value)
    rows = await connection.fetch(
        "with named as ("
        "select lead_id from sequence where is_open "
        "and (lead_id = any($1::text[]) or municipality_code = any($3::text[])) "
        "union select lead_id from lead_field where name = 'email' and lower(value) = any($2) "
        "union select lead_id from lead_field "
        "where name = 'municipality_code' and value = any($3) "
        "union select lead_id from sequence where is_open and $4"  # who has an address of a domain
        ") select sequence.lead_id, coalesce(email.value, '') as address, "
        "coalesce(place.value, municipality_code) as organisation, max(started_at) as begun "
        "from named join sequence using (lead_id) "
        "left join lead_field email on email.lead_id = sequence.lead_id and email.name = 'email' "
        "left join lead_field place "
        "on place.lead_id = sequence.lead_id and place.name = 'municipality_code' "
        "where is_open group by 1, 2, 3 order by begun",
        values[Scope.PERSON],
        values[Scope.ADDRESS],
        values[Scope.ORGANISATION],
        bool(values[Scope.DOMAIN]),
    )
    return [
        (Recipient(row["lead_id"], row["address"], row["organisation"]), row["begun"])
        for row in rows
    ]


async def phases_of(
    connection: RawConnection, municipality_codes: Collection[str]
) -> dict[str, str]:
    """Return the budget phases that municipalities are in, by code, of those that are known."""
    rows = await connection.fetch(
        "select municipality_code, name from occurrence where municipality_code = any($1::text[])",
        sorted(municipality_codes),
    )
    return {row["municipality_code"]: row["name"] for row in rows}


async def phase_of(connection: RawConnection, municipality_code: str | None) -> str | None:
    """Return the budget phase that a municipality is in, if one is known."""
    code = municipality_code or ""
    return (await phases_of(connection, [code])).get(code)


def _stored(row: Any) -> StoredOccurrence:
    occurrence_id, kind, at, said_by, lead_id, municipality_code, name = row
    return StoredOccurrence(
        occurrence_id, OccurrenceKind(kind), at, said_by, lead_id, municipality_code, name
    )
