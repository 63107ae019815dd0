"""Publish what is due, once, in the transaction of whoever decides that it is."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.calendars import repository as calendars
from budget_calendar.cycles.plan import Due, event_data
from budget_calendar.events import repository as announced
from budget_calendar.events.mapping import Announcement
from kakehashi_common.outbox import store as outbox


def announcement(code: str, one: Due) -> Announcement:
    """What is due, as an event to publish."""
    return Announcement(UUID(one.event_id), one.occurred_at, code, event_data(one))


async def publish_once(
    connection: AsyncConnection, code: str, due: Sequence[Due], *, topic_prefix: str
) -> int:
    """Publish what has not been published yet; return how many events that were.

    Whoever writes about the municipality does so one after the other: the outbox keeps the order
    of a key only then.
    """
    await calendars.lock(connection, code)
    announcements = [announcement(code, each) for each in due]
    new = await announced.claim(connection, [each.event_id for each in announcements])
    messages = [each.message(topic_prefix) for each in announcements if each.event_id in new]
    await outbox.add(connection, tables.outbox_table, messages)
    return len(messages)
