"""Reasons as rows, and how many of each place were taken in on each day."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from followup.domain.triggers.handling import Handling
from followup.domain.triggers.reasons import Reason, SetAside, Standing
from kakehashi_common.clock import japan_day
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.texts import Text

_reason: Final = TypeAdapter(Reason)

_AWAITS_LEAD: Final = (
    "lead_id is not null and not exists (select from lead where lead.lead_id = reason.lead_id)"
)
_SELECT: Final = f"""
select *, case
    when handled_at is not null then coalesce(handling, 'decided')
    when {_AWAITS_LEAD} then 'awaits_lead'
    else coalesce(handling, 'due')
end as became
from reason
"""  # noqa: S608 - our own


@dataclass(frozen=True, slots=True)
class StoredReason:
    """A reason as it was taken in."""

    reason_id: UUID
    """Of its event: equal however often it comes."""
    reason: Reason
    occurred_at: datetime
    set_aside: SetAside | None = None
    """The reason why it is not acted on."""
    handling: Handling = Handling.DUE
    """Its handling, unless it was set aside."""


@dataclass(frozen=True, slots=True)
class ReportedReason:
    """The result for a reason that a person or file reported."""

    report_id: str
    new: bool
    """Whether it was not reported before."""
    set_aside: tuple[SetAside, Text] | None
    """The reason why it is not acted on, and the same in words."""
    awaits_lead: bool = False
    """Whether nothing is known yet of the lead that it is about."""


@dataclass(frozen=True, slots=True)
class DayOfReasons:
    """The number of reasons of one place on one day in Japan."""

    place: str
    day: date
    taken: int
    too_many: int
    """Beyond the number that is acted on in a day: they are only counted."""


async def lock_days(
    connection: RawConnection, places: Collection[str], day: date
) -> Mapping[str, int]:
    """Return how many reasons of each place were taken in on ``day``; other batches wait."""
    await connection.execute(
        "insert into reason_day (place, day) select unnest($1::text[]), $2 on conflict do nothing",
        sorted(places),
        day,
    )
    rows = await connection.fetch(
        "select place, taken from reason_day where place = any($1::text[]) and day = $2 "
        "order by place for update",
        sorted(places),
        day,
    )
    return {row["place"]: row["taken"] for row in rows}


async def count(
    connection: RawConnection,
    day: date,
    taken: Mapping[str, int],
    too_many: Mapping[str, int],
) -> None:
    """Add to the counts of places on ``day``, which are locked."""
    places = sorted({*taken, *too_many})
    await connection.execute(
        "update reason_day set taken = reason_day.taken + new.taken, "
        "too_many = reason_day.too_many + new.too_many "
        "from unnest($1::text[], $2::int[], $3::int[]) as new (place, taken, too_many) "
        "where reason_day.place = new.place and reason_day.day = $4",
        places,
        [taken.get(place, 0) for place in places],
        [too_many.get(place, 0) for place in places],
        day,
    )


async def throttled(
    connection: RawConnection, day: date, places: Collection[str] = ()
) -> list[DayOfReasons]:
    """Return the places, or those of ``places``, that had too many reasons on ``day``."""
    rows = await connection.fetch(
        "select place, day, taken, too_many from reason_day where day = $1 and too_many > 0 "
        "and ($2::text[] = '{}' or place = any($2)) order by place",
        day,
        list(places),
    )
    return [DayOfReasons(**row) for row in rows]


async def standings(connection: RawConnection, lead_ids: Collection[str]) -> Mapping[str, Standing]:
    """Return the states of leads."""
    rows = await connection.fetch(
        "select lead_id, erased_at is not null as erased from lead "
        "full join erased_lead using (lead_id) where lead_id = any($1::text[])",
        sorted(lead_ids),
    )
    known = {row["lead_id"]: row["erased"] for row in rows}
    return {
        lead_id: Standing.UNKNOWN
        if lead_id not in known
        else Standing.ERASED
        if known[lead_id]
        else Standing.KNOWN
        for lead_id in lead_ids
    }


async def save(connection: RawConnection, reasons: Sequence[StoredReason], now: datetime) -> None:
    """Store reasons; one that is stored stays as it is."""
    await connection.executemany(
        "insert into reason (reason_id, municipality_code, lead_id, good_from, good_until, "
        "importance, set_aside, occurred_at, reason, received_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        [
            (
                each.reason_id,
                each.reason.municipality_code,
                each.reason.lead_id,
                each.reason.good_from,
                each.reason.good_until,
                each.reason.importance,
                each.set_aside,
                each.occurred_at,
                written(each.reason),
                now,
            )
            for each in reasons
        ],
    )


async def good_on(
    connection: RawConnection,
    day: date,
    *,
    municipality_code: str | None = None,
    lead_id: str | None = None,
) -> list[StoredReason]:
    """Return the reasons to act on ``day``, the most important first.

    Args:
        connection: of any transaction.
        day: in Japan.
        municipality_code: only of this municipality.
        lead_id: only of this lead.
    """
    rows = await connection.fetch(
        f"{_SELECT} where set_aside is null and $1 between good_from and good_until "
        "and ($2::text is null or municipality_code = $2) and ($3::text is null or lead_id = $3) "
        "order by importance desc, good_until, reason_id",
        day,
        municipality_code,
        lead_id,
    )
    return [_stored(row) for row in rows]


async def pending(connection: RawConnection, now: datetime, limit: int) -> list[StoredReason]:
    """Return the reasons of today that nobody has acted on, the most important first.

    One about a lead waits until the lead is known. Others are kept from them until the
    transaction's end.
    """
    rows = await connection.fetch(
        f"{_SELECT} where set_aside is null and handled_at is null "
        f"and $1 between good_from and good_until and not ({_AWAITS_LEAD}) "
        "and (look_at is null or look_at <= $2) "
        "order by importance desc, good_until, reason_id limit $3 for update skip locked",
        japan_day(now),
        now,
        limit,
    )
    return [_stored(row) for row in rows]


async def concerning(
    connection: RawConnection, day: date, lead_id: str, municipality_code: str | None
) -> list[StoredReason]:
    """Return the reasons to act on ``day`` that concern a contact, the most important first."""
    rows = await connection.fetch(
        f"{_SELECT} where set_aside is null and $1 between good_from and good_until "
        "and (lead_id = $2 or lead_id is null and municipality_code = $3) "
        "order by importance desc, good_until, reason_id",
        day,
        lead_id,
        municipality_code,
    )
    return [_stored(row) for row in rows]


async def reopen(
    connection: RawConnection, day: date, playbooks: Iterable[tuple[str, int, Collection[str]]]
) -> None:
    """Have reasons of ``day`` acted on again by playbooks that were not in force when they were.

    Args:
        connection: of any transaction.
        day: in Japan.
        playbooks: those in force: id, version, and the kinds of reason that they are entered by.
    """
    entered_by = [(name, version, kind) for name, version, kinds in playbooks for kind in kinds]
    if not entered_by:
        return
    await connection.execute(
        "update reason set handled_at = null, handling = null, look_at = null "
        "from unnest($2::text[], $3::int[], $4::text[]) as new (playbook_id, version, kind) "
        "where set_aside is null and handled_at is not null and good_until >= $1 "
        "and reason.reason ->> 'kind' = new.kind "
        "and coalesce(handling, 'decided') in ('decided', 'no_playbook') and not exists ("
        "select from entry_decision made where made.trigger_id = reason.reason_id::text "
        "and made.playbook_id = new.playbook_id and made.playbook_version >= new.version)",
        day,
        *(list(column) for column in zip(*entered_by, strict=True)),
    )


async def put_off(connection: RawConnection, reason_id: UUID, until: datetime) -> None:
    """Have it looked at again then, unless what follows from it is done."""
    await connection.execute(
        "update reason set look_at = $2 where reason_id = $1", reason_id, until
    )


async def mark_waiting_for_seller(
    connection: RawConnection, reason_id: UUID, until: datetime
) -> None:
    """Have it looked at again then: there may be a seller by then."""
    await connection.execute(
        "update reason set look_at = $2, handling = $3 where reason_id = $1",
        reason_id,
        until,
        Handling.AWAITS_SELLER,
    )


async def mark_handled(
    connection: RawConnection, reason_id: UUID, at: datetime, handling: Handling
) -> None:
    """Keep that what follows from it was done, and what that was."""
    await connection.execute(
        "update reason set handled_at = $2, handling = $3 where reason_id = $1",
        reason_id,
        at,
        handling,
    )


async def mark_set_aside(
    connection: RawConnection, reason_id: UUID, at: datetime, cause: SetAside
) -> None:
    """Keep that it is not acted on after all, and why."""
    await connection.execute(
        "update reason set handled_at = $2, set_aside = $3 where reason_id = $1",
        reason_id,
        at,
        cause,
    )


async def set_aside(
    connection: RawConnection,
    since: datetime,
    *,
    municipality_code: str | None = None,
    lead_id: str | None = None,
) -> list[StoredReason]:
    """Return the newest 100 reasons that were set aside since, the newest first."""
    rows = await connection.fetch(
        f"{_SELECT} where set_aside is not null and coalesce(handled_at, received_at) >= $1 "
        "and ($2::text is null or municipality_code = $2) and ($3::text is null or lead_id = $3) "
        "order by coalesce(handled_at, received_at) desc, reason_id limit 100",
        since,
        municipality_code,
        lead_id,
    )
    return [_stored(row) for row in rows]


async def purge(connection: RawConnection, stale_before: date) -> int:
    """Delete what was good until before a day; return how many."""
    await connection.execute("delete from reason_day where day < $1", stale_before)
    status = await connection.execute("delete from reason where good_until < $1", stale_before)
    return int(status.rsplit(" ", 1)[-1])


def written(reason: Reason) -> str:
    """Return a reason as it is stored: equal ones alike."""
    said = _reason.dump_python(reason, mode="json")
    if reason.policy_area is None:  # equal to what was stored before reasons had one
        del said["policy_area"]
    if not reason.lead_ids:
        del said["lead_ids"]
    if reason.source is None:
        del said["source"]
    return json.dumps(said | {"audience": sorted(said["audience"])}, ensure_ascii=False)


def _stored(row: Any) -> StoredReason:
    aside = row["set_aside"]
    return StoredReason(
        row["reason_id"],
        _reason.validate_python(row["reason"]),
        row["occurred_at"],
        None if aside is None else SetAside(aside),
        Handling(row["became"]),
    )


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Take reasons about a lead that has gone as about the one that stays."""
    rows = await connection.fetch(
        "select reason_id, reason from reason where lead_id = $1 or reason -> 'lead_ids' ? $1 "
        "for update",
        lead_id,
    )
    for reason_id, said in rows:
        reason = _reason.validate_python(said)
        named = (survivor if each == lead_id else each for each in reason.lead_ids)
        moved = replace(
            reason,
            lead_id=survivor if reason.lead_id == lead_id else reason.lead_id,
            lead_ids=tuple(dict.fromkeys(named)),
        )
        await connection.execute(
            "update reason set lead_id = $2, reason = $3 where reason_id = $1",
            reason_id,
            moved.lead_id,
            written(moved),
        )
