"""The two PostgreSQL sessions of a relay: whoever holds the locks of both publishes.

Each session takes an advisory lock of its own, which PostgreSQL frees when the session ends, after
it has rolled back what the session had open. A successor that holds both therefore finds every row
free: it can't pass over rows that a dead relay still holds.

A session that says nothing for :data:`IDLE_TIMEOUT` (a frozen process, a network that was cut) is
ended by PostgreSQL, or by a relay on stand-by, so a relay speaks on both of them at least every
:data:`KEEPALIVE_INTERVAL`.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Table

from kakehashi_common.db import RawConnection, connect, transient_errors
from kakehashi_common.settings import DatabaseSettings

T = TypeVar("T")

log = structlog.get_logger(__name__)

APPLICATION = "outbox-relay"
"""Shown in ``pg_stat_activity``."""

IDLE_TIMEOUT = timedelta(seconds=20)
"""After this PostgreSQL ends a session, so that a relay on stand-by takes over."""

KEEPALIVE_INTERVAL = timedelta(seconds=4)
"""Several times within :data:`IDLE_TIMEOUT`, for a loop that is busy."""

_STATEMENT_SECONDS = 15.0
"""Far above what the relay's statements take; a database that hangs is noticed after it."""


_FIRST_LOCK, _SECOND_LOCK = 0, -1


@dataclass(slots=True)
class RelaySessions:
    """Two connections to one database, for one outbox."""

    first: RawConnection
    second: RawConnection
    table: Table
    _has_first_lock: bool = False

    def other(self, connection: RawConnection) -> RawConnection:
        """Return the connection that is not ``connection``."""
        return self.second if connection is self.first else self.first

    async def take_over(self) -> bool:
        """Try to take both locks; return whether they are held.

        Holding the first one and not the second means that a dead relay's session has not ended
        yet: no relay may publish until then.

        Raises:
            TransientError: the database is unavailable.
        """
        with transient_errors():
            if not self._has_first_lock:
                self._has_first_lock = await self._locked(self.first, _FIRST_LOCK)
                if not self._has_first_lock:
                    await self.second.execute("select 1")
                    return False
            else:
                await self.first.execute("select 1")
            return await self._locked(self.second, _SECOND_LOCK)

    async def identity(self) -> str:
        """Return a name of this outbox that no other database on the same broker has.

        Raises:
            TransientError: the database is unavailable.
        """
        with transient_errors():
            server, database = await self.first.fetchrow(  # type: ignore[misc]
                "select case when has_function_privilege('pg_control_system()', 'execute') "
                "then (select system_identifier from pg_control_system()) end, current_database()"
            )
        return f"kakehashi-outbox/{server or '-'}/{database}/{self.table.fullname}/0"

    async def keep_alive_during(self, work: Awaitable[T]) -> T:
        """Wait for ``work``, which uses neither connection, and keep both sessions alive.

        Raises:
            TransientError: the database is unavailable.
        """
        task = asyncio.ensure_future(work)
        try:
            while True:
                await asyncio.wait([task], timeout=KEEPALIVE_INTERVAL.total_seconds())
                if task.done():
                    return task.result()
                with transient_errors():
                    await self.first.execute("select 1")
                    await self.second.execute("select 1")
        finally:
            task.cancel()

    async def _locked(self, connection: RawConnection, key: int) -> bool:
        """Try to take a lock; else end the session that holds it and has fallen silent.

        PostgreSQL's own time-outs count only what is idle: not a session that waits for the rest of
        a request, or for its answer to be taken.
        """
        space = zlib.crc32(self.table.fullname.encode())
        if await connection.fetchval(
            "select pg_try_advisory_lock($1::int, $2::int)", _signed(space), key
        ):
            return True
        ended = await connection.fetch(
            "select pid, pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid) "
            "where locktype = 'advisory' and classid = $1::bigint::oid and objid = $2::bigint::oid "
            "and objsubid = 2 and granted and datname = current_database() "
            "and application_name = $3 and state_change < clock_timestamp() - $4::interval",
            space,
            key % 2**32,
            APPLICATION,
            IDLE_TIMEOUT,
        )
        for pid, _ in ended:
            log.warning("ended the session of a relay that fell silent", pid=pid)
        return False


@asynccontextmanager
async def relay_sessions(database: DatabaseSettings, table: Table) -> AsyncIterator[RelaySessions]:
    """Open both sessions, and cut them at the end: PostgreSQL rolls back and frees the locks.

    Raises:
        TransientError: the database is unavailable.
    """
    async with _session(database) as first, _session(database) as second:
        yield RelaySessions(first, second, table)


@asynccontextmanager
async def _session(database: DatabaseSettings) -> AsyncIterator[RawConnection]:
    limit = str(int(IDLE_TIMEOUT.total_seconds() * 1000))
    quick = min(_STATEMENT_SECONDS, database.statement_timeout_seconds)
    connection = await connect(
        database.model_copy(update={"statement_timeout_seconds": quick}),
        application=APPLICATION,
        server_settings={
            "idle_session_timeout": limit,
            "idle_in_transaction_session_timeout": limit,
            "tcp_user_timeout": limit,
        },
    )
    try:
        yield connection
    finally:
        connection.terminate()


def _signed(unsigned: int) -> int:
    return unsigned - 2**32 if unsigned >= 2**31 else unsigned
