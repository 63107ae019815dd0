"""Days that are known in advance, as rows; none of a lead whose person was erased."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

from followup.domain.triggers.days import KnownDay
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.lead_merges.repository import is_of_person

_COLUMNS: Final = "day_id, kind, day, said_at, lead_id, municipality_code, owner, lead_ids"


async def save_first(
    connection: RawConnection, days: Iterable[tuple[KnownDay, date | None]]
) -> None:
    """Store days with when their reasons begin; of two the earlier day stays."""
    await _save(connection, days, "known_day.day > excluded.day")


async def save_newest(
    connection: RawConnection, days: Iterable[tuple[KnownDay, date | None]]
) -> None:
    """Store days with when their reasons begin; of two the one stays that was said later."""
    await _save(connection, days, "known_day.said_at < excluded.said_at")


async def _save(
    connection: RawConnection, days: Iterable[tuple[KnownDay, date | None]], where: str
) -> None:
    await connection.executemany(
        f"insert into known_day ({_COLUMNS}, raise_on) select $1::text, $2::text, $3::date, "  # noqa: S608 - our own words
        "$4::timestamptz, $5::text, $6::text, $7::text, $8::text[], $9::date "
        "where not exists (select from erased_lead where lead_id = $5) "
        "on conflict (day_id) do update set day = excluded.day, said_at = excluded.said_at, "
        "lead_id = excluded.lead_id, municipality_code = excluded.municipality_code, "
        "owner = excluded.owner, lead_ids = excluded.lead_ids, "
        f"raise_on = excluded.raise_on where {where}",
        [
            (
                each.day_id,
                each.kind,
                each.day,
                each.said_at,
                each.lead_id,
                each.municipality_code,
                each.owner,
                list(each.lead_ids),
                raise_on,
            )
            for each, raise_on in sorted(days, key=lambda day: day[0].day_id)
        ],
    )


async def first_contacts(
    connection: RawConnection, since: date, known_before: date, limit: int
) -> list[KnownDay]:
    """Return contacts who have given their card or consent since a day, and were new then.

    Args:
        connection: of any transaction.
        since: the first day.
        known_before: whose profile was last said something of before this day is not new.
        limit: at most so many.
    """
    rows = await connection.fetch(
        "select email.lead_id, min(obtained_on) as day, min(email.at) as said_at "  # noqa: S608 - our own names
        "from consent join lead_field email on email.name = 'email' and lower(value) = address "
        "where obtained_on >= $1 and ended_on is null and basis in ('opt_in', 'business_card') "
        "and not exists (select from known_day where lead_id = email.lead_id "
        "and (kind = $3 or day < obtained_on)) "
        "and not exists (select from lead_field earlier where earlier.lead_id = email.lead_id "
        "and earlier.at < $2) "
        "and not exists (select from sequence where "
        f"{is_of_person('sequence.lead_id', 'email.lead_id')}) "
        "group by email.lead_id order by email.lead_id limit $4",
        since,
        known_before,
        ReasonKind.FIRST_CONTACT,
        limit,
    )
    return [
        KnownDay(
            f"first-contact/{row['lead_id']}",
            ReasonKind.FIRST_CONTACT,
            row["day"],
            row["said_at"],
            lead_id=row["lead_id"],
        )
        for row in rows
    ]


async def acquainted(connection: RawConnection, limit: int) -> list[KnownDay]:
    """Return contacts who were met or whose sequence is over, and whose turns aren't known yet."""
    rows = await connection.fetch(
        "select lead_id, min(day) as day, min(said_at) as said_at from ("
        "select lead_id, day, said_at from known_day where kind = $1 union all "
        "select coalesce(survivor, lead_id), ended_at::date, ended_at "
        "from sequence left join merged_lead using (lead_id) where ended_at is not null"
        ") as met where not exists (select from known_day turn where turn.lead_id = met.lead_id "
        "and turn.kind = $2) "
        "and exists (select from lead_field where lead_field.lead_id = met.lead_id "
        "and name = 'email' and value is not null) "
        "group by lead_id order by lead_id limit $3",
        ReasonKind.FIRST_MEETING_ANNIVERSARY,
        ReasonKind.REGULAR_VALUE,
        limit,
    )
    return [
        KnownDay(
            f"regular-value/{row['lead_id']}",
            ReasonKind.REGULAR_VALUE,
            row["day"],
            row["said_at"],
            lead_id=row["lead_id"],
        )
        for row in rows
    ]


async def in_a_sequence(connection: RawConnection, lead_ids: Collection[str]) -> set[str]:
    """Return those of these leads who are in any sequence."""
    rows = await connection.fetch(
        "select distinct lead_id from sequence where is_open and lead_id = any($1::text[])",
        sorted(lead_ids),
    )
    return {row["lead_id"] for row in rows}


async def due(connection: RawConnection, today: date, limit: int) -> list[KnownDay]:
    """Return days whose reason begins; others are kept from them until the transaction's end."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from known_day where raise_on <= $1 "  # noqa: S608 - our own columns
        "order by raise_on, day_id limit $2 for update skip locked",
        today,
        limit,
    )
    return [_known(row) for row in rows]


async def raise_next(connection: RawConnection, days: Iterable[tuple[str, date | None]]) -> None:
    """Keep when the next reason of each day begins; ``None``: there is none."""
    await connection.executemany("update known_day set raise_on = $2 where day_id = $1", list(days))


def _known(row: Any) -> KnownDay:
    kind, lead_ids = ReasonKind(row["kind"]), tuple(row["lead_ids"])
    return KnownDay(**{**row, "kind": kind, "lead_ids": lead_ids})


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Take the days of a lead that has gone as those of the one that stays.

    Of two first meetings the earlier stays, as if they were one person's from the start.
    """
    rows = await connection.fetch(
        f"delete from known_day where lead_id = $1 returning {_COLUMNS}, raise_on",  # noqa: S608
        lead_id,
    )
    known = [({**row}, row["raise_on"]) for row in rows]
    for columns, _ in known:
        del columns["raise_on"]
    await save_first(
        connection, [(_known(columns).under(survivor), raise_on) for columns, raise_on in known]
    )
    await connection.execute(
        "update known_day set lead_ids = array_replace(lead_ids, $1, $2) where $1 = any(lead_ids)",
        lead_id,
        survivor,
    )
