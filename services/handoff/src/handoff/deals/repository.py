"""Deals as rows: of each the newest statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, case, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.handoff.state import HandoffState
from handoff.domain.teams.members import Role
from handoff.tables import deal as table
from handoff.tables import handoff as handoffs
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.db import driver_connection
from kakehashi_common.filters import matching
from kakehashi_common.lead_merges import repository as merges

_state: Final = TypeAdapter(HandoffState)
_STATED: Final = tuple(DealChanged.model_fields)


@dataclass(frozen=True, slots=True)
class StoredDeal:
    """A deal as it was stated last."""

    stated: DealChanged
    said_at: datetime
    """The ``time`` of the statement."""
    event_key: UUID
    """Its event's identity: of two at the same time the greater one counts."""
    decided_at: datetime | None = None
    """Since when it has its outcome, by the first statement of it that was the newest."""


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Selects deals; ``None`` matches all."""

    lead_id: str | None = None
    municipality_code: str | None = None
    owner: str | None = None
    stage: str | None = None
    is_open: bool | None = None


async def save(connection: AsyncConnection, deal: StoredDeal) -> bool:
    """Store a statement unless a newer one is stored; return whether it was."""
    decided_at = deal.said_at if deal.stated.outcome else None
    values = deal.stated.model_dump(mode="python") | {
        "lead_ids": list(deal.stated.lead_ids),
        "competitors": list(deal.stated.competitors),
        "said_at": deal.said_at,
        "event_key": deal.event_key,
        "decided_at": decided_at,
    }
    statement = insert(table).values(values)
    new = statement.excluded
    same_outcome = table.c.outcome.is_not_distinct_from(new.outcome)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.deal_id],
        set_={name: new[name] for name in values if name != "deal_id"}
        | {"decided_at": case((same_outcome, table.c.decided_at), else_=new.decided_at)},
        where=tuple_(table.c.said_at, table.c.event_key) < tuple_(new.said_at, new.event_key),
    )
    return await connection.scalar(statement.returning(table.c.deal_id)) is not None


async def find(connection: AsyncConnection, deal_id: str) -> StoredDeal | None:
    """Return one deal."""
    found = await find_all(connection, [deal_id])
    return found[0] if found else None


async def find_all(connection: AsyncConnection, deal_ids: Collection[str]) -> list[StoredDeal]:
    """Return these deals, by id."""
    query = select(table).where(table.c.deal_id.in_(deal_ids)).order_by(table.c.deal_id)
    return [_deal(row) for row in await connection.execute(query)]


async def of_lead(connection: AsyncConnection, lead_id: str) -> list[StoredDeal]:
    """Return the deals of a lead, by id."""
    ids = await merges.all_ids(await driver_connection(connection), [lead_id])
    query = select(table).where(table.c.lead_ids.overlap(ids)).order_by(table.c.deal_id)
    return [_deal(row) for row in await connection.execute(query)]


async def list_deals(
    connection: AsyncConnection, wanted: DealFilter, *, after: str | None, limit: int
) -> list[StoredDeal]:
    """Return deals that match, by id, from the one behind ``after`` on."""
    query = select(table).where(
        *matching(
            table,
            municipality_code=wanted.municipality_code,
            owner=wanted.owner,
            stage=wanted.stage,
        )
    )
    if wanted.lead_id is not None:
        query = query.where(table.c.lead_ids.contains([wanted.lead_id]))
    if wanted.is_open is not None:
        query = query.where(is_open() if wanted.is_open else ~is_open())
    if after is not None:
        query = query.where(table.c.deal_id > after)
    rows = await connection.execute(query.order_by(table.c.deal_id).limit(limit))
    return [_deal(row) for row in rows]


def is_open() -> ColumnElement[bool]:
    """Whether a deal has neither an outcome nor a deal that took its place."""
    return table.c.outcome.is_(None) & table.c.superseded_by.is_(None)


async def handoffs_to_field_sales(
    connection: AsyncConnection, lead_ids: Collection[str]
) -> Sequence[HandoffState]:
    """Return the handoffs of leads to field sales as last recorded, ended ones too."""
    ids = await merges.all_ids(await driver_connection(connection), lead_ids)
    query = (
        select(handoffs.c.state)
        .where(handoffs.c.lead_id.in_(ids), handoffs.c.to_role == Role.FIELD_SALES.value)
        .order_by(handoffs.c.handoff_id)
    )
    return [_state.validate_python(state) for state in await connection.scalars(query)]


async def open_handoffs(
    connection: AsyncConnection, lead_ids: Collection[str]
) -> Sequence[HandoffState]:
    """Return the open handoffs of leads as last recorded."""
    ids = await merges.all_ids(await driver_connection(connection), lead_ids)
    query = (
        select(handoffs.c.state)
        .where(handoffs.c.lead_id.in_(ids), handoffs.c.is_open)
        .order_by(handoffs.c.handoff_id)
    )
    return [_state.validate_python(state) for state in await connection.scalars(query)]


def _deal(row: Row[Any]) -> StoredDeal:
    stated = DealChanged.model_validate({name: getattr(row, name) for name in _STATED})
    return StoredDeal(stated, row.said_at, row.event_key, row.decided_at)
