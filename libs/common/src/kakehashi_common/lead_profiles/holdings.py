"""Rows that are about persons: declared table by table, exported and erased by that."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kakehashi_common.db import RawConnection

BY_LEAD: Final = "lead_id = any($1::text[])"

Rows = Mapping[str, list[dict[str, Any]]]
"""By table, each as it is stored."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of one table that are about persons; several holdings of a table share no row.

    Args:
        table: its name.
        whose: the condition: ``$1`` are leads, ``$2`` comparable addresses.
        emptied: the columns that an erasure empties, as SQL; ``None``: it deletes the rows.
        erased: which of the rows an erasure concerns, as SQL.
    """

    table: str
    whose: str = BY_LEAD
    emptied: str | None = None
    erased: str = "true"


async def export_rows(
    connection: RawConnection,
    holdings: Iterable[Holding],
    lead_ids: Collection[str],
    addresses: Collection[str] = (),
) -> Rows:
    """Return what is held about the persons behind leads and addresses; no table without rows."""
    found: dict[str, list[dict[str, Any]]] = {}
    for holding in holdings:
        rows = await connection.fetch(
            f"select * from {holding.table} where {_whose(holding)}",  # noqa: S608 - our own
            sorted(lead_ids),
            sorted(addresses),
        )
        if rows:
            found.setdefault(holding.table, []).extend(dict(row) for row in rows)
    return found


async def erase_rows(
    connection: RawConnection,
    holdings: Iterable[Holding],
    lead_ids: Collection[str],
    addresses: Collection[str] = (),
) -> Mapping[str, int]:
    """Erase what is held about the persons behind leads and addresses; return how many rows."""
    counts: dict[str, int] = {}
    for holding in holdings:
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
            counts[holding.table] = counts.get(holding.table, 0) + count
    return counts


def _whose(holding: Holding) -> str:
    # Every statement takes both parameters, whichever its condition uses.
    return f"$1::text[] is not null and $2::text[] is not null and {holding.whose}"
