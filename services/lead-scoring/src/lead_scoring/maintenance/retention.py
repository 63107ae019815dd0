"""Purges old rows and creates the event log's partitions ahead of time."""

from dataclasses import dataclass
from datetime import timedelta

from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.http import idempotency
from kakehashi_common.retention import purge_older
from lead_scoring import tables
from lead_scoring.scoring.repository import events


@dataclass(frozen=True, slots=True)
class Retired:
    """The rows and partitions that were purged."""

    partitions: tuple[str, ...]
    inbox_rows: int
    idempotency_keys: int
    announced_scores: int = 0
    audit_rows: int = 0
    qualifications: int = 0
    handoff_labels: int = 0
    deals: int = 0


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """The retention period of each table's rows."""

    event_log: timedelta
    inbox: timedelta
    score_history: timedelta
    labels: timedelta
    """Of qualifications, handoffs' labels and deals."""
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
            TransientError: the database is unavailable, or a partition is in use; what is done
                stays.
        """
        now = self._clock.now()
        async with self._database.raw_transaction() as connection:
            await events.ensure_partitions(connection, now)
        async with self._database.raw_transaction() as connection:
            partitions = await events.drop_partitions(connection, now - self._policy.event_log)
        database, policy = self._database, self._policy
        milestones = tables.municipality_milestone.c.said_at
        scores = tables.score_history.c.scored_at
        await purge_older(database, milestones, policy.event_log, now=now)
        return Retired(
            partitions=tuple(partitions),
            inbox_rows=await purge_older(database, tables.inbox_table.c.received_at, policy.inbox),
            announced_scores=await purge_older(database, scores, policy.score_history, now=now),
            idempotency_keys=await purge_older(
                database, tables.idempotency_table.c.created_at, idempotency.RETENTION
            ),
            audit_rows=await purge_older(database, tables.audit_table.c.at, policy.audit),
            qualifications=await purge_older(
                database, tables.qualification.c.qualified_at, policy.labels, now=now
            ),
            handoff_labels=await purge_older(
                database, tables.handoff_label.c.last_step_at, policy.labels, now=now
            ),
            deals=await purge_older(database, tables.deal.c.said_at, policy.labels, now=now),
        )
