"""Publish what is due, once, in the transaction of whoever decides that it is."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.events import repository as announced
from budget_calendar.events.locks import lock_municipality
from budget_calendar.events.mapping import EventToPublish, announcement
from kakehashi_common.outbox import store as outbox


async def publish_once(
    connection: AsyncConnection, code: str, due: Sequence[EventToPublish], *, topic_prefix: str
) -> int:
    """Publish what has not been published yet; return how many events that were.

    Whoever writes about the municipality does so one after the other: the outbox keeps the order
    of a key only then.
    """
    await lock_municipality(connection, code)
    announcements = [announcement(code, each) for each in due]
    new = await announced.claim(connection, [each.event_id for each in announcements])
    messages = [each.message(topic_prefix) for each in announcements if each.event_id in new]
    await outbox.add(connection, tables.outbox_table, messages)
    return len(messages)
