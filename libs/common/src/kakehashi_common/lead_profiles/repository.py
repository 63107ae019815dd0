"""Fields of leads' profiles, as rows beside the service's own table ``lead``."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from kakehashi_common.db import RawConnection

IMPERSONAL: Final = ("municipality_code",)
"""Fields of a profile that say nothing about a person."""

LEAD_ID: Final = String(128, collation="C")
"""Ids are ASCII and only compared for order."""


@dataclass(frozen=True, slots=True)
class FieldSaid:
    """The value that an event gives one field; ``None`` clears it."""

    lead_id: str
    name: str
    value: str | None
    at: datetime
    event_key: UUID
    source: str


def field_table(metadata: MetaData) -> Table:
    """Declare the table of fields in ``metadata``, which has a table ``lead``."""
    table = Table(
        "lead_field",
        metadata,
        Column(
            "lead_id",
            LEAD_ID,
            ForeignKey("lead.lead_id", name="fk_lead_field_lead_id_lead", ondelete="CASCADE"),
            primary_key=True,
        ),
        Column("name", String(32), primary_key=True),
        Column("value", Text, doc="Null: it was cleared"),
        Column("at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
        Column("event_key", Uuid, nullable=False, doc="Wins at the same instant if it is higher"),
        Column("source", Text, nullable=False),
    )
    Index(
        "ix_lead_field_municipality",
        table.c.value,
        postgresql_where=text("name = 'municipality_code'"),
    )
    return table


def erased_table(metadata: MetaData) -> Table:
    """Declare the table of leads whose person was erased in ``metadata``."""
    return Table(
        "erased_lead",
        metadata,
        Column("lead_id", LEAD_ID, primary_key=True),
        Column("erased_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("settled_at", DateTime(timezone=True), doc="When Temporal kept nothing any more"),
    )


async def save_fields(connection: RawConnection, fields: Iterable[FieldSaid]) -> None:
    """Keep what is newer than what is known; at the same instant the higher key wins.

    The leads must exist and be locked. Of a lead whose person was erased only :data:`IMPERSONAL` is
    kept.
    """
    await connection.executemany(
        "insert into lead_field as known (lead_id, name, value, at, event_key, source) "
        "select $1::text, $2::text, $3, $4::timestamptz, $5::uuid, $6 "
        "where $2 = any($7::text[]) "
        "or not exists (select from erased_lead where erased_lead.lead_id = $1) "
        "on conflict (lead_id, name) do update set "
        "value = excluded.value, at = excluded.at, event_key = excluded.event_key, "
        "source = excluded.source "
        "where (known.at, known.event_key) < (excluded.at, excluded.event_key)",
        [
            (f.lead_id, str(f.name), f.value, f.at, f.event_key, f.source, list(IMPERSONAL))
            for f in fields
        ],
    )


async def move_fields(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Move the fields of a lead to another one, who is the same person."""
    rows = await connection.fetch(
        "delete from lead_field where lead_id = $1 returning name, value, at, event_key, source",
        lead_id,
    )
    await save_fields(connection, [FieldSaid(survivor, *row) for row in rows])


async def mark_erased(connection: RawConnection, lead_ids: Collection[str]) -> None:
    """Record that the persons of leads were erased: see :func:`save_fields`.

    Their workflows have to be dealt with afterwards, even if they were before.
    """
    await connection.execute(
        "insert into erased_lead (lead_id) select unnest($1::text[]) "
        "on conflict (lead_id) do update set settled_at = null",
        sorted(lead_ids),
    )


async def erased_among(connection: RawConnection, lead_ids: Collection[str]) -> frozenset[str]:
    """Return those of ``lead_ids`` whose person was erased."""
    rows = await connection.fetch(
        "select lead_id from erased_lead where lead_id = any($1::text[])", sorted(lead_ids)
    )
    return frozenset(row["lead_id"] for row in rows)


async def unsettled(connection: RawConnection, limit: int) -> list[str]:
    """Return some erased leads of which Temporal may keep something.

    In no order: many that can't be settled would stay in the way of all others.
    """
    rows = await connection.fetch(
        "select lead_id from erased_lead where settled_at is null order by random() limit $1",
        limit,
    )
    return [row["lead_id"] for row in rows]


async def mark_settled(connection: RawConnection, lead_id: str) -> None:
    """Keep that Temporal keeps nothing of an erased lead any more."""
    await connection.execute(
        "update erased_lead set settled_at = now() where lead_id = $1 and settled_at is null",
        lead_id,
    )
