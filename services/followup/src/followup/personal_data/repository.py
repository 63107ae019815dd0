"""SQL that finds whose address is whose."""

from collections.abc import Collection

from kakehashi_common.db import RawConnection
from kakehashi_common.domain.person import comparable_email


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
