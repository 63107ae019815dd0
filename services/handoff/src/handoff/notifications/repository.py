"""Notifications as rows, written with the decision that they follow from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.effects import Notify, NotifyReason
from handoff.domain.handoff.state import HandoffState
from handoff.domain.notifications.deliveries import DeliveryState
from handoff.domain.notifications.recipients import Addressee
from handoff.notifications.recipients import find_members
from handoff.teams.places import place_of

_NAMESPACE: Final = UUID("6f6f7a1e-6a0e-4c0b-9a53-0f3b1d1f7c52")
"""Of notifications' ids. Never change it: what was sent would be sent again."""

# Statements that each step executes are built once.
_ADD: Final = (
    insert(tables.notification)
    .on_conflict_do_nothing(index_elements=[tables.notification.c.notification_id])
    .returning(tables.notification.c.notification_id)
)
_ADD_DELIVERIES: Final = insert(tables.delivery)
_ACTIVE_WEBHOOKS: Final = (
    select(tables.webhook.c.webhook_id, tables.webhook.c.reasons)
    .where(tables.webhook.c.active)
    .with_for_update(read=True, key_share=True)
)
"""None of them can be deleted before the deliveries that refer to it are there."""


def notification_id(effect_id: str) -> UUID:
    """Return the id of the notification that follows from an effect."""
    return uuid5(_NAMESPACE, effect_id)


async def queue(
    connection: AsyncConnection,
    state: HandoffState,
    notices: Sequence[tuple[str, Notify]],
    at: datetime,
) -> None:
    """Have notices delivered, once ``connection``'s transaction is committed.

    Args:
        connection: of the transaction that records what they follow from; the handoff's row exists.
        state: of the handoff.
        notices: each with its identity, as :meth:`Decision.identified` gives it. One that is queued
            already stays as it is.
        at: when it was decided.
    """
    if not notices:
        return
    place = place_of(state.municipality_code, state.policy_area)
    found = await find_members(
        connection,
        [Addressee(each.recipient, each.member_id, each.of_role, place) for _, each in notices],
    )
    rows = [
        {
            "notification_id": notification_id(effect_id),
            "handoff_id": state.handoff_id,
            "recipient": notice.recipient,
            "about_member_id": notice.member_id,
            "of_role": notice.of_role,
            "member_id": member_id,
            "reason": notice.reason,
            "text": notice.text,
            "act_by": notice.act_by,
            "urgent": notice.urgent,
            "created_at": at,
        }
        for (effect_id, notice), member_id in zip(notices, found, strict=True)
    ]
    added = await connection.scalars(_ADD, rows)
    reasons = {notification_id(effect_id): notice.reason for effect_id, notice in notices}
    await _add_deliveries(connection, {each: reasons[each] for each in added}, at)


async def _add_deliveries(
    connection: AsyncConnection, added: Mapping[UUID, NotifyReason], at: datetime
) -> None:
    """Add a mail for each, and what each active webhook is to receive."""
    if not added:
        return
    webhooks = list(await connection.execute(_ACTIVE_WEBHOOKS))
    mails = [
        _delivery(each, at) | {"state": DeliveryState.WAITING, "released_at": None}
        for each in added
    ]
    posts = [
        _delivery(each, at) | {"webhook_id": webhook.webhook_id}
        for each, reason in added.items()
        for webhook in webhooks
        if not webhook.reasons or reason in webhook.reasons
    ]
    await connection.execute(_ADD_DELIVERIES, [*mails, *posts])


def _delivery(of: UUID, at: datetime) -> dict[str, Any]:
    return {
        "notification_id": of,
        "webhook_id": None,
        "state": DeliveryState.PENDING,
        "due_at": at,
        "released_at": at,
        "for_digest": False,
        "attempts": 0,
    }
