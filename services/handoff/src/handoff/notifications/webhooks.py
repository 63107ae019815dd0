"""Webhooks as rows: where notifications are posted, and the secrets that sign them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.effects import NotifyReason

_its = tables.webhook.c


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver."""

    webhook_id: str
    url: str
    secrets: Sequence[str] = field(repr=False)
    """The newest first; each one signs."""
    reasons: Sequence[NotifyReason] = ()
    """Of which notifications; none: of all."""
    active: bool = True
    """Otherwise nothing more is queued for it, and what is queued waits."""


def columns(webhook: Webhook) -> dict[str, Any]:
    """Return what is stored of it, by column."""
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "secrets": list(webhook.secrets),
        "reasons": list(webhook.reasons),
        "active": webhook.active,
    }


async def put(connection: AsyncConnection, webhook: Webhook) -> None:
    """Create or replace a webhook."""
    values = columns(webhook)
    await connection.execute(
        insert(tables.webhook)
        .values(values)
        .on_conflict_do_update(index_elements=[_its.webhook_id], set_=values)
    )


async def find(connection: AsyncConnection, webhook_id: str) -> Webhook | None:
    """Return one webhook."""
    query = select(tables.webhook).where(_its.webhook_id == webhook_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _webhook(row)


async def list_all(connection: AsyncConnection) -> list[Webhook]:
    """Return every webhook, by id."""
    query = select(tables.webhook).order_by(_its.webhook_id)
    return [_webhook(row) for row in await connection.execute(query)]


async def remove(connection: AsyncConnection, webhook_id: str) -> None:
    """Delete a webhook, and what is stored of deliveries to it."""
    await connection.execute(delete(tables.webhook).where(_its.webhook_id == webhook_id))


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        row.webhook_id,
        row.url,
        tuple(row.secrets),
        tuple(map(NotifyReason, row.reasons)),
        row.active,
    )
