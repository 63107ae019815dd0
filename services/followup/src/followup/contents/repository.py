"""The catalogue of content as rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.contents.content import Content, ContentKind, as_lists
from followup.domain.playbooks.audience import Role, SizeBand
from followup.tables import content as table
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.filters import matching

MOST_COMPARED: Final = 1_000
"""Entries of the wanted kinds among which one is chosen, the newest: comparing them takes 0.2 s."""

_NAMES: Final = ", ".join(Content.__slots__)


@dataclass(frozen=True, slots=True)
class StoredContent:
    """An entry as it was last put."""

    content: Content
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class ContentFilter:
    """Selects entries; ``None`` matches all."""

    kind: ContentKind | None = None
    policy_area: str | None = None
    active: bool | None = None


async def put(connection: AsyncConnection, content: Content, by: str) -> None:
    """Store an entry in the place of the one of its id."""
    values = as_lists(content) | {"entered_by": by, "entered_at": func.now()}
    await connection.execute(
        insert(table)
        .values(values)
        .on_conflict_do_update(index_elements=[table.c.content_id], set_=values)
    )


async def remove(connection: AsyncConnection, content_id: str) -> None:
    """Delete an entry."""
    await connection.execute(delete(table).where(table.c.content_id == content_id))


async def find(
    connection: AsyncConnection, content_ids: Collection[str]
) -> dict[str, StoredContent]:
    """Return the entries of these ids that there are."""
    rows = await connection.execute(select(table).where(table.c.content_id.in_(content_ids)))
    return {row["content_id"]: _stored(row) for row in rows.mappings()}


async def list_contents(
    connection: AsyncConnection, wanted: ContentFilter, *, after: str | None, limit: int
) -> list[StoredContent]:
    """Return the entries that match, by id, from the one behind ``after`` on."""
    query = select(table).where(*matching(table, kind=wanted.kind, active=wanted.active))
    query = query.order_by(table.c.content_id).limit(limit)
    if wanted.policy_area is not None:
        query = query.where(table.c.policy_areas.contains([wanted.policy_area]))
    if after is not None:
        query = query.where(table.c.content_id > after)
    return [_stored(row) for row in (await connection.execute(query)).mappings()]


async def of_kinds(connection: RawConnection, kinds: Collection[ContentKind]) -> list[Content]:
    """Return the active entries of these kinds, the newest :data:`MOST_COMPARED`."""
    rows = await connection.fetch(
        f"select {_NAMES} from content where active and kind = any($1::text[]) "  # noqa: S608 - our own columns
        "order by entered_at desc, content_id limit $2",
        sorted(kinds),
        MOST_COMPARED,
    )
    return [_content(row) for row in rows]


def _stored(row: Any) -> StoredContent:
    return StoredContent(_content(row), row["entered_by"], row["entered_at"])


def _content(row: Any) -> Content:
    values = {name: row[name] for name in Content.__slots__}
    return Content(
        **values
        | {
            "kind": ContentKind(values["kind"]),
            "topics": tuple(values["topics"]),
            "roles": frozenset(map(Role, values["roles"])),
            "size_bands": frozenset(map(SizeBand, values["size_bands"])),
            "stages": frozenset(map(BudgetPhase, values["stages"])),
            "policy_areas": frozenset(values["policy_areas"]),
        }
    )
