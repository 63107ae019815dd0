"""Subscriptions of calendar programs. Of their tokens only digests are stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.tables import feed as table


@dataclass(frozen=True, slots=True)
class FeedSubject:
    """The subject: a municipality, an owner's pursuits, or followed municipalities."""

    code: str | None = None
    """Of this municipality."""
    owner: str | None = None
    """This owner's pursuits."""
    prefecture: str | None = None
    """Only followed municipalities of this prefecture, by the code of its government."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One subscription."""

    id: UUID
    subject: FeedSubject
    language: str
    created_by: str
    created_at: datetime


async def add(connection: AsyncConnection, feed: Feed, token_digest: bytes) -> None:
    """Store a subscription."""
    await connection.execute(
        insert(table).values(
            id=feed.id,
            token_digest=token_digest,
            code=feed.subject.code,
            owner=feed.subject.owner,
            prefecture=feed.subject.prefecture,
            language=feed.language,
            created_by=feed.created_by,
            created_at=feed.created_at,
        )
    )


async def find_by_token(connection: AsyncConnection, token_digest: bytes) -> Feed | None:
    """Return the subscription whose token has this digest, if there is one."""
    row = (
        await connection.execute(_SELECT.where(table.c.token_digest == token_digest))
    ).one_or_none()
    return None if row is None else _feed(row)


async def find(connection: AsyncConnection, feed_id: UUID) -> Feed | None:
    """Return a subscription, if there is one."""
    row = (await connection.execute(_SELECT.where(table.c.id == feed_id))).one_or_none()
    return None if row is None else _feed(row)


async def list_feeds(connection: AsyncConnection, *, after: UUID | None, limit: int) -> list[Feed]:
    """Return subscriptions after the id ``after``, by id."""
    query = _SELECT.order_by(table.c.id).limit(limit)
    if after is not None:
        query = query.where(table.c.id > after)
    return [_feed(row) for row in await connection.execute(query)]


async def remove(connection: AsyncConnection, feed_id: UUID) -> Feed | None:
    """Delete and return a subscription; ``None`` if there is none."""
    row = (
        await connection.execute(delete(table).where(table.c.id == feed_id).returning(*_COLUMNS))
    ).one_or_none()
    return None if row is None else _feed(row)


def _feed(row: Any) -> Feed:
    return Feed(
        id=row.id,
        subject=FeedSubject(row.code, row.owner, row.prefecture),
        language=row.language,
        created_by=row.created_by,
        created_at=row.created_at,
    )


_COLUMNS = (
    table.c.id,
    table.c.code,
    table.c.owner,
    table.c.prefecture,
    table.c.language,
    table.c.created_by,
    table.c.created_at,
)
_SELECT = select(*_COLUMNS)
