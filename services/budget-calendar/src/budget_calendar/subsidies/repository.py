"""Subsidies as stored: documents with a version."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.tables import subsidy as table

_document = TypeAdapter(Subsidy)


@dataclass(frozen=True, slots=True)
class StoredSubsidy:
    """One subsidy, and how often it has been edited."""

    subsidy: Subsidy
    version: int


def document_of(subsidy: Subsidy) -> dict[str, Any]:
    """Return the subsidy as JSON."""
    document: dict[str, Any] = _document.dump_python(subsidy, mode="json")
    for field in ("eligible_types", "policy_areas"):
        document[field].sort()
    return document


async def list_all(connection: AsyncConnection) -> list[StoredSubsidy]:
    """Return all subsidies, by id."""
    rows = await connection.execute(select(table).order_by(table.c.id))
    return [_stored(row) for row in rows]


async def list_unfinished(connection: AsyncConnection, day: date) -> list[Subsidy]:
    """Return subsidies whose funded work may end on ``day`` or later, by id."""
    rows = await connection.scalars(
        select(table.c.document)
        .where(table.c.document["completed_by"].astext >= day.isoformat())
        .order_by(table.c.id)
    )
    return [_document.validate_python(each) for each in rows]


async def find(
    connection: AsyncConnection, subsidy_id: str, *, for_update: bool = False
) -> StoredSubsidy | None:
    """Return a subsidy, if there is one; ``for_update`` locks it until the transaction ends."""
    query = select(table).where(table.c.id == subsidy_id)
    row = (await connection.execute(query.with_for_update() if for_update else query)).one_or_none()
    return None if row is None else _stored(row)


async def add(connection: AsyncConnection, subsidy: Subsidy) -> bool:
    """Insert a subsidy and return whether its id was free."""
    result = await connection.execute(
        insert(table)
        .values(id=subsidy.id, version=1, document=document_of(subsidy))
        .on_conflict_do_nothing()
        .returning(table.c.id)
    )
    return result.first() is not None


async def replace(connection: AsyncConnection, subsidy: Subsidy) -> int:
    """Replace a subsidy and return its new version."""
    version: int | None = await connection.scalar(
        update(table)
        .where(table.c.id == subsidy.id)
        .values(version=table.c.version + 1, document=document_of(subsidy))
        .returning(table.c.version)
    )
    if version is None:
        raise LookupError(subsidy.id)
    return version


async def remove(connection: AsyncConnection, subsidy_id: str) -> None:
    """Delete a subsidy."""
    await connection.execute(delete(table).where(table.c.id == subsidy_id))


def _stored(row: Any) -> StoredSubsidy:
    return StoredSubsidy(_document.validate_python(row.document), row.version)
