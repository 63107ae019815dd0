"""Store the contract rules that people enter for municipalities."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.routes.local_rules import LocalRules
from budget_calendar.tables import local_rules as table

_document = TypeAdapter(LocalRules)


@dataclass(frozen=True, slots=True)
class StoredRules:
    """A municipality's rules, and how often they have been entered."""

    rules: LocalRules
    version: int
    """0: nobody has entered any, so what the law allows counts."""


def document_of(rules: LocalRules) -> dict[str, Any]:
    """Return the rules as JSON."""
    document: dict[str, Any] = _document.dump_python(rules, mode="json")
    return document


async def get(connection: AsyncConnection, code: str) -> StoredRules:
    """Return a municipality's rules, empty ones if nobody has entered any."""
    row = (await connection.execute(select(table).where(table.c.code == code))).one_or_none()
    if row is None:
        return StoredRules(LocalRules(), 0)
    return StoredRules(_document.validate_python(row.document), row.version)


async def put(connection: AsyncConnection, code: str, stored: StoredRules) -> None:
    """Replace a municipality's rules."""
    values = {"version": stored.version, "document": document_of(stored.rules)}
    await connection.execute(
        insert(table)
        .values(code=code, **values)
        .on_conflict_do_update(index_elements=[table.c.code], set_=values)
    )
