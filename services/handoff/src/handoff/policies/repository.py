"""Policies as rows: one document a name, whose version counts its changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import policy as table


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A document, and how often it has been changed."""

    version: int
    document: Any


async def find(connection: AsyncConnection, name: str) -> StoredPolicy | None:
    """Return one policy; ``None``: nobody has set it."""
    query = select(table.c.version, table.c.document).where(table.c.name == name)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else StoredPolicy(row.version, row.document)


async def put(
    connection: AsyncConnection, name: str, document: Any, version: int, at: datetime
) -> None:
    """Store a document as that version."""
    values = {"version": version, "document": document, "updated_at": at}
    await connection.execute(
        insert(table)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[table.c.name], set_=values)
    )
