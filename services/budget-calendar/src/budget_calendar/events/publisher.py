"""Publish events once and in order, in the transaction of whoever decides that they are due.

The order is that of the municipality's lock: it is taken within the process before a connection is,
then in the database. The lock in the database alone would be right, but whoever waits for it holds
a connection: a hundred corrections of one calendar would leave none for all other requests.
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.events.mapping import EventToPublish
from budget_calendar.tables import announced, outbox_table
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
    if not by_id:
        return 0
    new = await connection.scalars(
        insert(announced)
        .values([{"event_id": each} for each in by_id])
        .on_conflict_do_nothing()
        .returning(announced.c.event_id)
    )
    ids = set(new)
    messages = [each.message(code, topic_prefix) for key, each in by_id.items() if key in ids]
    await outbox.add(connection, outbox_table, messages)
    return len(messages)


async def lock_municipality(connection: AsyncConnection, code: str) -> None:
    """Lock the municipality until the transaction ends."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtext('calendar'), hashtext(:code))"), {"code": code}
    )


class MunicipalityLocks:
    """One lock per municipality, within this process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, code: str) -> asyncio.Lock:
        """Return the lock of a municipality, which is given in the order of requests."""
        return self._locks.setdefault(code, asyncio.Lock())
