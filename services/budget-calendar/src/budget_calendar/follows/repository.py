"""Followed municipalities, and the state of their workflows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.tables import follow as table


@dataclass(frozen=True, slots=True)
class Follow:
    """A followed municipality, and the state of its workflow."""

    code: str
    since: datetime
    followed_by: str
    started: bool
    """Whether its workflow has been started."""
    revision: int
    notified_revision: int
    """The last revision of its calendars that its workflow was notified of."""


async def list_follows(
    connection: AsyncConnection, codes: Sequence[str] | None, *, after: str, limit: int
) -> list[Follow]:
    """Return followed municipalities after code ``after``, by code; ``codes=None``: all."""
    query = select(table).where(table.c.code > after).order_by(table.c.code).limit(limit)
    if codes is not None:
        query = query.where(table.c.code.in_(codes))
    return [
        Follow(row.code, row.since, row.followed_by, row.started, row.revision, row.told)
        for row in await connection.execute(query)
    ]


async def add(
    connection: AsyncConnection, codes: Sequence[str], *, who: str, now: datetime
) -> list[str]:
    """Follow ``codes``; return those that were not followed before."""
    if not codes:
        return []
    rows = await connection.scalars(
        insert(table)
        .values(
            [
                {
                    "code": code,
                    "since": now,
                    "followed_by": who,
                    "started": False,
                    "revision": 0,
                    "told": 0,
                }
                for code in codes
            ]
        )
        .on_conflict_do_nothing()
        .returning(table.c.code)
    )
    return sorted(rows)


async def remove(connection: AsyncConnection, codes: Sequence[str]) -> list[str]:
    """Follow ``codes`` no longer; return those that were followed."""
    rows = await connection.scalars(
        delete(table).where(table.c.code.in_(codes)).returning(table.c.code)
    )
    return sorted(rows)


async def is_followed(connection: AsyncConnection, code: str) -> bool:
    """Return whether a municipality is followed."""
    return await connection.scalar(select(table.c.code).where(table.c.code == code)) is not None


async def list_codes(connection: AsyncConnection) -> list[str]:
    """Return the codes of all followed municipalities, in order."""
    return list(await connection.scalars(select(table.c.code).order_by(table.c.code)))
