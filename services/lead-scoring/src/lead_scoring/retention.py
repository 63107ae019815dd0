"""How long things are kept, and the partitions of the event log that are made ahead."""

from dataclasses import dataclass
from datetime import timedelta

from kakehashi_common import idempotency, inbox
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from lead_scoring import tables
from lead_scoring.repository import events


@dataclass(frozen=True, slots=True)
class Retired:
    """What was forgotten because of its age."""

    partitions: tuple[str, ...]
    inbox_rows: int
    idempotency_keys: int


class Retention:
    """Keeps the event log, the inbox and the idempotency keys as long as configured."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        event_log_kept_for: timedelta,
        inbox_kept_for: timedelta,
    ) -> None:
        self._database = database
        self._clock = clock
        self._event_log_kept_for = event_log_kept_for
        self._inbox_kept_for = inbox_kept_for

    async def apply(self) -> Retired:
        """Make the coming months' partitions and drop what is too old; again changes nothing.

        Raises:
            TransientError: the database is away, or a partition is in use; what is done stays.
        """
        now = self._clock.now()
        async with self._database.raw_transaction() as connection:
            await events.ensure_partitions(connection, now)
        async with self._database.raw_transaction() as connection:
            partitions = await events.drop_partitions(connection, now - self._event_log_kept_for)
        inbox_rows = 0
        while trimmed := await self._trim_inbox():
            inbox_rows += trimmed
        async with self._database.transaction() as sql:
            keys = await idempotency.trim(sql, tables.idempotency_table)
        return Retired(tuple(partitions), inbox_rows, keys)

    async def _trim_inbox(self) -> int:
        async with self._database.raw_transaction() as connection:
            return await inbox.trim(connection, tables.inbox_table, self._inbox_kept_for)
