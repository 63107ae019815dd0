"""SQL for those involved in the deal of a pursuit: ids of leads and the seller's."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class PursuitContacts:
    """The people involved in the deal of a pursuit."""

    pursuit_id: str
    lead_ids: tuple[str, ...]
    owner: str | None
    said_at: datetime


async def save(connection: RawConnection, said: Iterable[PursuitContacts]) -> None:
    """Store who takes part; of two statements the later one stays."""
    await connection.executemany(
        "insert into pursuit_contact as known (pursuit_id, lead_ids, owner, said_at) "
        "values ($1, $2, $3, $4) on conflict (pursuit_id) do update "
        "set lead_ids = excluded.lead_ids, owner = excluded.owner, said_at = excluded.said_at "
        "where known.said_at < excluded.said_at",
        [
            (each.pursuit_id, list(each.lead_ids), each.owner, each.said_at)
            for each in sorted(said, key=lambda each: each.pursuit_id)
        ],
    )


async def find(
    connection: RawConnection, pursuit_ids: Collection[str]
) -> Mapping[str, PursuitContacts]:
    """Return who takes part in the deals of pursuits, by pursuit, where it is known."""
    rows = await connection.fetch(
        "select pursuit_id, lead_ids, owner, said_at from pursuit_contact "
        "where pursuit_id = any($1::text[])",
        list(pursuit_ids),
    )
    return {
        row["pursuit_id"]: PursuitContacts(
            row["pursuit_id"], tuple(row["lead_ids"]), row["owner"], row["said_at"]
        )
        for row in rows
    }


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Name the lead that stays in the place of one that has gone."""
    await connection.execute(
        "update pursuit_contact set lead_ids = array_replace(lead_ids, $1, $2) "
        "where $1 = any(lead_ids)",
        lead_id,
        survivor,
    )
