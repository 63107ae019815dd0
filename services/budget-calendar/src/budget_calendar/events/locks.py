"""Lock a municipality: within the process before a connection is taken, then in the database.

The lock in the database alone would be right, but whoever waits for it holds a connection: a
hundred corrections of one calendar would leave none for all other requests.
"""

import asyncio
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


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
