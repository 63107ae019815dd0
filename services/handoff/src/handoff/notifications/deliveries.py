"""Deliveries as rows: taken by one of several notifiers, with their results.

A delivery that is taken is due again after :data:`LEASE`. The notifier that takes it has to finish
by then, so that another one delivers what a killed notifier had in hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.effects import NotifyReason, Recipient
from handoff.domain.notifications.deliveries import FAILED, DeliveryState

LEASE: Final = timedelta(seconds=60)

_delivery = tables.delivery.c
_notification = tables.notification.c
_handoff = tables.handoff.c
_webhook = tables.webhook.c


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification, with the attributes of its handoff that a reader needs."""

    notification_id: UUID
    handoff_id: str
    lead_id: str
    municipality_code: str | None
    recipient: Recipient
    member_id: str | None
    reason: NotifyReason
    text: str
    act_by: datetime | None
    urgent: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TakenDelivery:
    """A delivery to make now; no other notifier makes it before the lease ends."""

    delivery_id: int
    webhook_id: str | None
    """``None``: by mail."""
    digest_id: UUID | None
    attempts: int
    """This one included."""
    notices: Sequence[Notice]
    """One; those of a digest in the order in which they came."""


async def due_channels(connection: AsyncConnection, now: datetime) -> list[str | None]:
    """Return the active webhooks for which something is due; ``None`` among them: mail."""
    query = (
        select(_delivery.webhook_id)
        .distinct()
        .select_from(tables.delivery.outerjoin(tables.webhook))
        .where(_due(now), or_(_delivery.webhook_id.is_(None), _webhook.active))
    )
    return list(await connection.scalars(query))


async def take(
    connection: AsyncConnection, webhook_id: str | None, now: datetime, limit: int
) -> list[TakenDelivery]:
    """Take due deliveries of one channel, the longest due first."""
    due = (
        select(_delivery.delivery_id)
        .where(_due(now), _of_channel(webhook_id))
        .order_by(_delivery.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = await connection.execute(
        update(tables.delivery)
        .where(_delivery.delivery_id == due.c.delivery_id)
        .values(due_at=now + LEASE, attempts=_delivery.attempts + 1)
        .returning(
            _delivery.delivery_id,
            _delivery.notification_id,
            _delivery.digest_id,
            _delivery.attempts,
        )
    )
    return [
        TakenDelivery(
            row.delivery_id,
            webhook_id,
            row.digest_id,
            row.attempts,
            await _notices(connection, row),
        )
        for row in taken.all()
    ]


async def _notices(connection: AsyncConnection, taken: Row[Any]) -> list[Notice]:
    if taken.digest_id is None:
        which = _notification.notification_id == taken.notification_id
    else:
        together = select(_delivery.notification_id).where(_delivery.digest_id == taken.digest_id)
        which = _notification.notification_id.in_(together)
    return [_notice(row) for row in await connection.execute(notices().where(which))]


def notices() -> Select[Any]:
    """Select what :class:`Notice` holds, in the order in which notifications came."""
    return (
        select(tables.notification, _handoff.lead_id, _handoff.municipality_code)
        .join_from(tables.notification, tables.handoff)
        .order_by(_notification.created_at, _notification.notification_id)
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        notification_id=row.notification_id,
        handoff_id=row.handoff_id,
        lead_id=row.lead_id,
        municipality_code=row.municipality_code,
        recipient=Recipient(row.recipient),
        member_id=row.member_id,
        reason=NotifyReason(row.reason),
        text=row.text,
        act_by=row.act_by,
        urgent=row.urgent,
        created_at=row.created_at,
    )


async def note_delivered(connection: AsyncConnection, now: datetime, taken: TakenDelivery) -> None:
    """Note that it was delivered; of a digest all of it."""
    await connection.execute(
        update(tables.delivery)
        .where(_together(taken))
        .values(state=DeliveryState.DELIVERED, delivered_at=now, error=None)
    )


async def note_retry(
    connection: AsyncConnection, now: datetime, taken: TakenDelivery, error: str, delay: timedelta
) -> None:
    """Note that it failed and is tried again; not if another notifier has taken it by now."""
    await connection.execute(
        update(tables.delivery).where(_still_taken(taken)).values(error=error, due_at=now + delay)
    )


async def note_dead(
    connection: AsyncConnection, now: datetime, taken: TakenDelivery, error: str
) -> None:
    """Note that it isn't tried again; of a digest all of it."""
    dead = update(tables.delivery).values(state=DeliveryState.DEAD, error=error, due_at=now)
    ended = await connection.execute(dead.where(_still_taken(taken)))
    if ended.rowcount:
        await connection.execute(dead.where(_together(taken)))


async def has_notification(connection: AsyncConnection, notification_id: UUID) -> bool:
    """Whether there is such a notification."""
    query = select(_notification.notification_id)
    return (
        await connection.scalar(query.where(_notification.notification_id == notification_id))
        is not None
    )


async def retry(connection: AsyncConnection, notification_id: UUID, now: datetime) -> int:
    """Retry the failed deliveries of a notification, and return how many there are."""
    failed = _delivery.state.in_(FAILED), _delivery.notification_id == notification_id
    again = {"due_at": now, "attempts": 0, "digest_id": None, "for_digest": False}
    mails = await connection.execute(
        update(tables.delivery)
        .where(*failed, _delivery.webhook_id.is_(None))
        .values(state=DeliveryState.WAITING, **again)
    )
    posts = await connection.execute(
        update(tables.delivery)
        .where(*failed, _delivery.webhook_id.is_not(None))
        .values(state=DeliveryState.PENDING, released_at=now, **again)
    )
    return mails.rowcount + posts.rowcount


@dataclass(frozen=True, slots=True)
class Backlog:
    """Undelivered notifications, of mail or of all webhooks."""

    undelivered: int
    """Still to come, or on its way."""
    failed: int
    """Until somebody retries."""
    oldest_seconds: float
    """The time for which the oldest has been allowed to go, and has not been delivered."""


async def backlog(connection: AsyncConnection, now: datetime) -> dict[str, Backlog]:
    """Return the backlog by channel: ``mail`` and ``webhook``."""
    failed = _delivery.state.in_(FAILED)
    released = func.min(_delivery.released_at).filter(_delivery.state == DeliveryState.PENDING)
    query = (
        select(
            _delivery.webhook_id.is_(None).label("by_mail"),
            func.count().filter(~failed).label("undelivered"),
            func.count().filter(failed).label("failed"),
            released.label("oldest"),
        )
        .where(_delivery.state != DeliveryState.DELIVERED)
        .group_by(_delivery.webhook_id.is_(None))
    )
    found = {"mail": Backlog(0, 0, 0), "webhook": Backlog(0, 0, 0)}
    for row in await connection.execute(query):
        age = 0.0 if row.oldest is None else max(0.0, (now - row.oldest).total_seconds())
        found["mail" if row.by_mail else "webhook"] = Backlog(row.undelivered, row.failed, age)
    return found


def _due(now: datetime) -> ColumnElement[bool]:
    return (_delivery.state == DeliveryState.PENDING) & (_delivery.due_at <= now)


def _of_channel(webhook_id: str | None) -> ColumnElement[bool]:
    return (
        _delivery.webhook_id.is_(None)
        if webhook_id is None
        else (_delivery.webhook_id == webhook_id)
    )


def _still_taken(taken: TakenDelivery) -> ColumnElement[bool]:
    """Whether no other notifier has taken or delivered it since."""
    return (
        (_delivery.delivery_id == taken.delivery_id)
        & (_delivery.attempts == taken.attempts)
        & (_delivery.state == DeliveryState.PENDING)
    )


def _together(taken: TakenDelivery) -> ColumnElement[bool]:
    if taken.digest_id is None:
        return _delivery.delivery_id == taken.delivery_id
    return _delivery.digest_id == taken.digest_id
