"""Ids of leads that have gone into another one, as rows.

Whoever writes under the id of a lead holds up merges first, reads which id stays, and then locks
rows: so nothing is written under an id that has gone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, DateTime, MetaData, Table, func, select

from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import LeadMerged
from kakehashi_common.db import RawConnection
from kakehashi_common.errors import ConflictError
from kakehashi_common.lead_profiles.repository import LEAD_ID

_LOCK: Final = 0x6D65726765  # "merge"
"""Of PostgreSQL's advisory locks: exclusive while ids are merged, shared while any is written."""


class ContradictoryMergeError(ConflictError):
    """A merge contradicts what came before it."""


@dataclass(frozen=True, slots=True)
class Merge:
    """An id that has gone, and the one that stays after all merges that are known."""

    lead_id: str
    survivor: str
    merged_at: datetime


def table(metadata: MetaData) -> Table:
    """Declare the table of merged leads in ``metadata``."""
    return Table(
        "merged_lead",
        metadata,
        Column("lead_id", LEAD_ID, primary_key=True, doc="The id that has gone"),
        Column("into_lead_id", LEAD_ID, nullable=False, doc="As it was said"),
        Column("survivor", LEAD_ID, nullable=False, index=True, doc="Stays after further merges"),
        Column("merged_at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def is_of_person(column: str, lead_id: str = "$1") -> str:
    """Return the SQL condition that a column holds the id of a lead, or one that has gone into it.

    Args:
        column: of a table.
        lead_id: the parameter or column with the id that stays.
    """
    gone = f"select lead_id from merged_lead where survivor = {lead_id}"  # noqa: S608 - our own names
    return f"{column} = any(array(select {lead_id}::text union all {gone}))"  # an index finds them


def of_person(column: ColumnElement[str], merged_lead: Table, lead_id: str) -> ColumnElement[bool]:
    """Return the same condition for SQLAlchemy; ``merged_lead`` is the service's :func:`table`."""
    gone = select(merged_lead.c.lead_id).where(merged_lead.c.survivor == lead_id)
    return (column == lead_id) | column.in_(gone)


async def admit(connection: RawConnection, said: Sequence[Event[LeadMerged]]) -> list[Merge]:
    """Store merges, and return those that are new. Whoever writes under an id waits until the end.

    Args:
        connection: of a transaction that has locked nothing yet.
        said: in the order in which they were said.

    Raises:
        ContradictoryMergeError: an id went into another one before (``merged_before``), or would
            go into itself by a detour (``merge_cycle``); then none is to be stored.
    """
    await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
    new = []
    for event in said:
        lead_id, into, at = event.data.lead_id, event.data.into_lead_id, event.occurred_at
        survivors = await surviving(connection, [lead_id, into])
        survivor, before = survivors.get(into, into), survivors.get(lead_id)
        if before == survivor:
            continue
        if before is not None:
            raise ContradictoryMergeError(
                f"lead_id {lead_id} went into {before} before, and an id goes only once: "
                f"name {before} as the id that goes",
                code="merged_before",
                field="/data/lead_id",
            )
        if survivor == lead_id:
            raise ContradictoryMergeError(
                f"into_lead_id {into} went into {lead_id} before, which would now go into itself: "
                "name an id that still stays",
                code="merge_cycle",
                field="/data/into_lead_id",
            )
        await connection.execute(
            "insert into merged_lead (lead_id, into_lead_id, survivor, merged_at) "
            "values ($1, $2, $3, $4)",
            lead_id,
            into,
            survivor,
            at,
        )
        await connection.execute(
            "update merged_lead set survivor = $2 where survivor = $1", lead_id, survivor
        )
        new.append(Merge(lead_id, survivor, at))
    return new


async def hold_up(connection: RawConnection) -> None:
    """Wait for merges that are being stored, and hold up others until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock_shared($1)", _LOCK)


async def surviving(connection: RawConnection, lead_ids: Collection[str]) -> Mapping[str, str]:
    """Return those of these ids that have gone, each with the one that stays."""
    rows = await connection.fetch(
        "select lead_id, survivor from merged_lead where lead_id = any($1::text[])",
        list(lead_ids),
    )
    return {row["lead_id"]: row["survivor"] for row in rows}


async def all_ids(connection: RawConnection, lead_ids: Collection[str]) -> list[str]:
    """Return these ids, and all others that the same persons have or had, in order."""
    gone = await surviving(connection, lead_ids)
    stay = sorted({gone.get(each, each) for each in lead_ids})
    rows = await connection.fetch(
        "select lead_id from merged_lead where survivor = any($1::text[])", stay
    )
    return sorted({*stay, *(row["lead_id"] for row in rows)})
