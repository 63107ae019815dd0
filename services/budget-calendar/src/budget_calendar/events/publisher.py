"""Publish events once, in the transaction of whoever decides that they are due."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.events import repository as announced
from budget_calendar.events.locks import lock_municipality
from budget_calendar.events.mapping import EventToPublish
from kakehashi_common.outbox import store as outbox


async def publish_once(
    connection: AsyncConnection, code: str, events: Iterable[EventToPublish], *, topic_prefix: str
) -> int:
    """Publish the events that have not been published yet and return how many they were.

    It locks the municipality: the outbox keeps the order of a key only if its writers exclude each
    other.
    """
    await lock_municipality(connection, code)
    by_id = {UUID(each.event_id): each for each in events}
    new = await announced.claim(connection, list(by_id))
    messages = [each.message(code, topic_prefix) for key, each in by_id.items() if key in new]
    await outbox.add(connection, tables.outbox_table, messages)
    return len(messages)
