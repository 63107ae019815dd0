"""SQL that finds, exports and erases what is about persons, over all tables."""

from collections.abc import Collection, Mapping
from typing import Any

from followup.personal_data.holdings import HOLDINGS, Holding
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.person import comparable_email

Rows = Mapping[str, list[dict[str, Any]]]
"""By table."""


async def addresses_of(connection: RawConnection, lead_ids: Collection[str]) -> set[str]:
    """Return the comparable addresses of contacts."""
    rows = await connection.fetch(
        "select value from lead_field "
        "where name = 'email' and value is not null and lead_id = any($1::text[])",
        sorted(lead_ids),
    )
    return {comparable_email(row["value"]) for row in rows}


async def used_by_others(
    connection: RawConnection, addresses: Collection[str], lead_ids: Collection[str]
) -> set[str]:
    """Return those of these comparable addresses that contacts other than these have."""
    rows = await connection.fetch(
        "select value from lead_field where name = 'email' and lower(value) = any($1::text[]) "
        "and lead_id <> all($2::text[])",
        sorted(addresses),
        sorted(lead_ids),
    )
    return {comparable_email(row["value"]) for row in rows} & set(addresses)


async def export(
    connection: RawConnection, lead_ids: Collection[str], addresses: Collection[str]
) -> Rows:
    """Return what is held about the persons behind leads and addresses, as it is stored."""
    found: dict[str, list[dict[str, Any]]] = {}
    for holding in HOLDINGS:
        rows = await connection.fetch(
            f"select * from {holding.table} where {_whose(holding)}",  # noqa: S608 - our own
            sorted(lead_ids),
            sorted(addresses),
        )
        if rows:
            found[holding.table] = [dict(row) for row in rows]
    return found


async def erase(
    connection: RawConnection, lead_ids: Collection[str], addresses: Collection[str]
) -> Mapping[str, int]:
    """Erase what is held about the persons behind leads and addresses; return how many rows."""
    counts: dict[str, int] = {}
    for holding in HOLDINGS:
        change = (
            f"delete from {holding.table}"  # noqa: S608 - our own
            if holding.emptied is None
            else f"update {holding.table} set {holding.emptied}"  # noqa: S608 - our own
        )
        status = await connection.execute(
            f"{change} where {_whose(holding)} and {holding.erased}",
            sorted(lead_ids),
            sorted(addresses),
        )
        if count := int(status.rpartition(" ")[2]):
            counts[holding.table] = count
    return counts


def _whose(holding: Holding) -> str:
    # Every statement takes both parameters, whichever its condition uses.
    return f"$1::text[] is not null and $2::text[] is not null and {holding.whose}"
