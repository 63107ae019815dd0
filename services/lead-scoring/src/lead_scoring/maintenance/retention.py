"""Purges old rows and creates the event log's partitions ahead of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kakehashi_common import audit
from kakehashi_common.clock import Clock
from kakehashi_common.consumer import inbox
from kakehashi_common.db import Database
from kakehashi_common.http import idempotency
from lead_scoring import tables
from lead_scoring.budget_timing import repository as budget_timing
from lead_scoring.scoring.repository import events, history


@dataclass(frozen=True, slots=True)
class Retired:
    """The rows and partitions that were purged."""

    partitions: tuple[str, ...]
    inbox_rows: int
    idempotency_keys: int
    announced_scores: int = 0
    audit_rows: int = 0


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How long the rows of each table are kept."""

    event_log: timedelta
    inbox: timedelta
    score_history: timedelta
    audit: timedelta | None
    """``None`` keeps the audit trail for ever."""


class Retention:
    """Applies a retention policy to every table that grows with time."""

    def __init__(self, database: Database, clock: Clock, policy: RetentionPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    async def apply(self) -> Retired:
        """Create the coming months' partitions and purge old rows; repeating it changes nothing.

        Raises:
            TransientError: the database is away, or a partition is in use; what is done stays.
        """
        now = self._clock.now()
        async with self._database.raw_transaction() as connection:
            await events.ensure_partitions(connection, now)
        async with self._database.raw_transaction() as connection:
            partitions = await events.drop_partitions(connection, now - self._policy.event_log)
        inbox_rows = 0
        while trimmed := await self._trim_inbox():
            inbox_rows += trimmed
        scores = 0
        while trimmed := await self._trim_scores(now - self._policy.score_history):
            scores += trimmed
        async with self._database.raw_transaction() as connection:
            await budget_timing.trim(connection, now - self._policy.event_log)
        async with self._database.transaction() as sql:
            keys = await idempotency.trim(sql, tables.idempotency_table)
            audited = await audit.trim(sql, tables.audit_table, self._policy.audit)
        return Retired(tuple(partitions), inbox_rows, keys, scores, audited)

    async def _trim_inbox(self) -> int:
        async with self._database.raw_transaction() as connection:
            return await inbox.trim(connection, tables.inbox_table, self._policy.inbox)

    async def _trim_scores(self, before: datetime) -> int:
        async with self._database.raw_transaction() as connection:
            return await history.trim(connection, before)
