"""Queries for notifications and webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.effects import NotifyReason, Recipient
from handoff.domain.notifications.deliveries import DeliveryState
from handoff.notifications import webhooks
from handoff.notifications.webhooks import Webhook
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError
from kakehashi_common.filters import matching

_notification = tables.notification.c
_delivery = tables.delivery.c

Position = tuple[datetime, UUID]
"""The position at which a page of notifications ended."""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """The state of the delivery by one channel."""

    webhook_id: str | None
    """``None``: by mail."""
    state: DeliveryState
    due_at: datetime
    attempts: int
    error: str | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredNotification:
    """A notification and its deliveries."""

    notification_id: UUID
    handoff_id: str
    recipient: Recipient
    member_id: str | None
    reason: NotifyReason
    text: str
    act_by: datetime | None
    urgent: bool
    created_at: datetime
    deliveries: Sequence[DeliveryStatus]


class NotificationQueries:
    """Reads of notifications and webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def notifications(
        self,
        *,
        state: DeliveryState | None,
        member_id: str | None,
        handoff_id: str | None,
        after: Position | None,
        limit: int,
    ) -> list[StoredNotification]:
        """Return notifications, the newest first.

        With ``state``: those with at least one delivery in that state.
        """
        query = select(tables.notification).order_by(
            _notification.created_at.desc(), _notification.notification_id.desc()
        )
        if state is not None:
            there = _delivery.notification_id == _notification.notification_id
            query = query.where(exists().where(there, _delivery.state == state))
        query = query.where(
            *matching(tables.notification, member_id=member_id, handoff_id=handoff_id)
        )
        if after is not None:
            place = tuple_(_notification.created_at, _notification.notification_id)
            query = query.where(place < after)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
            return await _with_deliveries(connection, rows)

    async def notification(self, notification_id: UUID) -> StoredNotification:
        """Return one notification.

        Raises:
            NotFoundError: there is no such notification.
        """
        query = select(tables.notification).where(_notification.notification_id == notification_id)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).all()
            found = await _with_deliveries(connection, rows)
        if not found:
            raise NotFoundError(
                f"there is no notification {notification_id}", field="notification_id"
            )
        return found[0]

    async def webhooks(self) -> list[Webhook]:
        """Return every webhook, by id."""
        async with self._database.transaction() as connection:
            return await webhooks.list_all(connection)

    async def webhook(self, webhook_id: str) -> Webhook:
        """Return one webhook.

        Raises:
            NotFoundError: there is no such webhook.
        """
        async with self._database.transaction() as connection:
            found = await webhooks.find(connection, webhook_id)
        if found is None:
            raise NotFoundError(f"there is no webhook {webhook_id}", field="webhook_id")
        return found


async def _with_deliveries(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> list[StoredNotification]:
    ids = [row.notification_id for row in rows]
    query = (
        select(tables.delivery)
        .where(_delivery.notification_id.in_(ids))
        .order_by(_delivery.webhook_id.nulls_first())
    )
    found: dict[UUID, list[DeliveryStatus]] = {each: [] for each in ids}
    for row in await connection.execute(query):
        found[row.notification_id].append(
            DeliveryStatus(
                row.webhook_id,
                DeliveryState(row.state),
                row.due_at,
                row.attempts,
                row.error,
                row.delivered_at,
            )
        )
    return [
        StoredNotification(
            row.notification_id,
            row.handoff_id,
            Recipient(row.recipient),
            row.member_id,
            NotifyReason(row.reason),
            row.text,
            row.act_by,
            row.urgent,
            row.created_at,
            found[row.notification_id],
        )
        for row in rows
    ]
