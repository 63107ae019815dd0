"""Size and age of an outbox's backlog: measured beside the relay, not by it.

A relay that hangs can't say so itself. What measures has a connection of its own and runs in every
process that has a relay, active or on stand-by; when it can't measure, it says since when.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import Table

from kakehashi_common import metrics
from kakehashi_common.db import RawConnection, connect, transient_errors
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import DatabaseSettings

log = structlog.get_logger(__name__)

MEASURE_INTERVAL = timedelta(seconds=5)

_MAX_COUNTED = 100_000
"""Backlog is counted up to this number."""

_STATEMENT_SECONDS = 5.0


class OutboxBacklog:
    """Measures one outbox. Run it as a component of a process."""

    def __init__(
        self,
        database: DatabaseSettings,
        outbox: Table,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing connects before :meth:`run`."""
        quick = min(_STATEMENT_SECONDS, database.statement_timeout_seconds)
        self._database = database.model_copy(update={"statement_timeout_seconds": quick})
        self._name = outbox.fullname
        self._labels = {"outbox": outbox.fullname}
        self._now = now
        self._measured_at = now()
        self._connection: RawConnection | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Measure again and again until ``stop`` is set."""
        try:
            while not stop.is_set():
                await self.measure()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(MEASURE_INTERVAL.total_seconds()):
                        await stop.wait()
        finally:
            self._drop()

    async def measure(self) -> None:
        """Measure once; a database that is unavailable shows as seconds since the last time."""
        try:
            with transient_errors():
                await self._measure()
        except TransientError as error:
            self._drop()
            log.warning("the outbox can't be measured", reason=error.message, **self._labels)
            metrics.OUTBOX_UNMEASURED.set(self._now() - self._measured_at, self._labels)
        else:
            self._measured_at = self._now()
            metrics.OUTBOX_UNMEASURED.set(0, self._labels)

    async def _measure(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._database, application="outbox-backlog")
        row = await self._connection.fetchrow(
            f"select (select count(*) from (select from {self._name} where shard = 0 limit $1) w),"  # noqa: S608
            " coalesce(extract(epoch from clock_timestamp() - (select created_at "
            f"from {self._name} where shard = 0 order by id limit 1)), 0)::float8",
            _MAX_COUNTED,
        )
        if row is not None:
            metrics.OUTBOX_BACKLOG.set(row[0], self._labels)
            metrics.OUTBOX_AGE.set(max(row[1], 0.0), self._labels)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
