"""Purges what is old enough, and nothing that an open handoff needs."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, any_, exists, func
from sqlalchemy.dialects.postgresql import array

from handoff import tables
from handoff.deals import repository as deals
from handoff.domain.notifications.deliveries import DeliveryState
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.http import idempotency
from kakehashi_common.retention import purge, purge_older

_WITH_ALL_THEIRS = 1_000
"""Rows in one statement where each has a hundred others that go with it."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """The retention periods. What belongs to an open handoff is kept, however old it is."""

    handoffs: timedelta
    """Since a handoff has ended; its facts, packet, assignments and notifications go with it."""
    leads: timedelta
    """Since anything was heard of a lead. One with an open deal is kept."""
    deals: timedelta
    """Since a deal was stated, or a seller did something."""
    notifications: timedelta
    """Since one was made that has been delivered."""
    audit: timedelta | None
    """``None`` keeps the audit trail for ever."""


@dataclass(frozen=True, slots=True)
class Purged:
    """The rows that were purged."""

    handoffs: int = 0
    notifications: int = 0
    leads: int = 0
    deals: int = 0
    seller_activities: int = 0
    idempotency_keys: int = 0
    audit_rows: int = 0


class Retention:
    """Applies a retention policy to every table that grows with time.

    Args:
        database: where they are.
        clock: says how old what others have dated is.
        policy: how long rows are kept.
    """

    def __init__(self, database: Database, clock: Clock, policy: RetentionPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    async def apply(self) -> Purged:
        """Purge old rows; again, or after a half-done purge, it does the rest.

        Raises:
            TransientError: the database is unavailable; what is deleted stays deleted.
        """
        database, policy, now = self._database, self._policy, self._clock.now()
        handoff, lead, deal = tables.handoff.c, tables.lead.c, tables.deal.c
        activity, notification = tables.seller_activity.c, tables.notification.c
        last_heard_of = func.greatest(lead.first_seen_at, lead.last_activity_at, lead.scored_at)
        in_a_deal = exists().where(deal.lead_ids.contains(array([lead.lead_id])), deals.is_open())
        return Purged(
            handoffs=await purge(
                database,
                tables.handoff,
                ~handoff.is_open & (handoff.ended_at < now - policy.handoffs),
                batch=_WITH_ALL_THEIRS,
            ),
            notifications=await purge(
                database,
                tables.notification,
                (notification.created_at < now - policy.notifications)
                & ~_open_handoff(handoff.handoff_id == notification.handoff_id)
                & ~exists().where(
                    tables.delivery.c.notification_id == notification.notification_id,
                    tables.delivery.c.state != DeliveryState.DELIVERED,
                ),
            ),
            # Deals before leads: a lead is kept for its open deal.
            deals=await purge(
                database,
                tables.deal,
                (deal.said_at < now - policy.deals)
                & ~_open_handoff(handoff.lead_id == any_(deal.lead_ids)),
            ),
            seller_activities=await purge(
                database,
                tables.seller_activity,
                (activity.at < now - policy.deals)
                & ~_open_handoff(
                    (handoff.handoff_id == activity.handoff_id)
                    | (handoff.lead_id == activity.lead_id)
                ),
            ),
            leads=await purge(
                database,
                tables.lead,
                (last_heard_of < now - policy.leads)
                & ~_open_handoff(handoff.lead_id == lead.lead_id)
                & ~in_a_deal,
                batch=_WITH_ALL_THEIRS,
            ),
            idempotency_keys=await purge_older(
                database, tables.idempotency_table.c.created_at, idempotency.RETENTION
            ),
            audit_rows=await purge_older(database, tables.audit_table.c.at, policy.audit),
        )


def _open_handoff(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(tables.handoff.c.is_open, which)
