"""How long things are kept, and the partitions of the event log that are made ahead."""

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
    """What was forgotten because of its age."""

    partitions: tuple[str, ...]
    inbox_rows: int
    idempotency_keys: int
    announced_scores: int = 0
    audit_rows: int = 0


class Retention:
    """Keeps every table that grows with time as long as configured.

    ``audit_kept_for``: ``None`` keeps the audit trail for ever.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        event_log_kept_for: timedelta,
        inbox_kept_for: timedelta,
        score_history_kept_for: timedelta,
        audit_kept_for: timedelta | None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._event_log_kept_for = event_log_kept_for
        self._inbox_kept_for = inbox_kept_for
        self._score_history_kept_for = score_history_kept_for
        self._audit_kept_for = audit_kept_for

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
        scores = 0
        while trimmed := await self._trim_scores(now - self._score_history_kept_for):
            scores += trimmed
        async with self._database.raw_transaction() as connection:
            await budget_timing.trim(connection, now - self._event_log_kept_for)
        async with self._database.transaction() as sql:
            keys = await idempotency.trim(sql, tables.idempotency_table)
            audited = await audit.trim(sql, tables.audit_table, self._audit_kept_for)
        return Retired(tuple(partitions), inbox_rows, keys, scores, audited)

    async def _trim_inbox(self) -> int:
        async with self._database.raw_transaction() as connection:
            return await inbox.trim(connection, tables.inbox_table, self._inbox_kept_for)

    async def _trim_scores(self, before: datetime) -> int:
        async with self._database.raw_transaction() as connection:
            return await history.trim(connection, before)
