"""Requests about one municipality take their turn before they take a connection.

The lock in the database alone would be right, but whoever waits for it holds a connection: a
hundred corrections of one calendar would leave none for all other requests.
"""

import asyncio
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def lock_municipality(connection: AsyncConnection, code: str) -> None:
    """Let nobody else write about this municipality until the transaction ends."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtext('calendar'), hashtext(:code))"), {"code": code}
    )


class MunicipalityLocks:
    """One lock per municipality, within this process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, code: str) -> asyncio.Lock:
        """The lock of a municipality; those who wait for it get it in the order they came."""
        return self._locks.setdefault(code, asyncio.Lock())
