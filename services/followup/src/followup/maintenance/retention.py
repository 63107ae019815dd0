"""Purges what is old enough, and nothing that an open sequence needs.

Consents and suppressions are kept for ever: they say whom nobody may write to, and why somebody
was written to.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func

from followup import tables
from followup.domain.delivery.attempts import MAY_HAVE_GONE
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database
from kakehashi_common.http import idempotency
from kakehashi_common.retention import purge, purge_older

_WITH_ALL_THEIRS = 1_000
"""Sequences in one statement: each has a hundred facts, approvals and tasks that go with it."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """The retention periods. What belongs to an open sequence is kept, however old it is."""

    sequences: timedelta
    """Since a sequence has ended. Its facts, approvals, tasks and the records of mails that did not
    go are purged with it; to whom a mail went is kept for ever, so that its link opts out. Who
    takes part in the deal of a pursuit is kept as long, since it was last said, an answer to a
    survey, and what a customer used."""
    incoming_mails: timedelta
    """Since a mail came in, or a question was handed to a person."""
    triggers: timedelta
    """Since a reason was good, a behaviour was seen, something else happened, an entry was decided,
    a seller was notified, a contact was called, a council's session was over. Of a municipality the
    newest budget phase stays."""
    inbox: timedelta
    """Since an event was taken in."""
    audit: timedelta | None
    """``None`` keeps the audit trail for ever."""


@dataclass(frozen=True, slots=True)
class Purged:
    """The rows that were purged."""

    sequences: int = 0
    mail_attempts: int = 0
    incoming_mails: int = 0
    reasons: int = 0
    behaviours: int = 0
    occurrences: int = 0
    entry_decisions: int = 0
    webhook_calls: int = 0
    notices: int = 0
    inbox_rows: int = 0
    idempotency_keys: int = 0
    audit_rows: int = 0


class Retention:
    """Applies a retention policy to every table that grows with time.

    Args:
        database: where they are.
        clock: says how old what others have dated is.
        policy: how long rows are kept.
    """

    def __init__(self, database: Database, clock: Clock, policy: RetentionPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    async def apply(self) -> Purged:
        """Purge old rows; again, or after a half-done purge, it does the rest.

        Raises:
            TransientError: the database is unavailable; what is deleted stays deleted.
        """
        database, policy, now = self._database, self._policy, self._clock.now()
        sequence, mail = tables.sequence.c, tables.incoming_mail.c
        attempt, seen = tables.mail_attempt.c, tables.seen_behaviour.c
        happened = tables.occurrence.c
        last_tried = func.coalesce(attempt.settled_at, attempt.claimed_at, attempt.turn_at)
        stale = japan_day(now - policy.triggers)
        await purge(database, tables.reason_day, tables.reason_day.c.day < stale)
        council = tables.council_day.c
        await purge(
            database,
            tables.council_day,
            (council.said_at < now - policy.triggers)
            & (council.day.is_(None) | (council.day < stale)),
        )
        await purge_older(database, tables.pursuit_contact.c.said_at, policy.sequences, now=now)
        known = tables.known_day.c
        await purge(database, tables.known_day, known.raise_on.is_(None) & (known.day < stale))
        used = tables.usage.c.ends < japan_day(now - policy.sequences)
        await purge(database, tables.usage, used)
        await purge_older(database, tables.survey_answer.c.answered_at, policy.sequences, now=now)
        await purge_older(database, tables.question.c.asked_at, policy.incoming_mails, now=now)
        await purge_older(database, tables.seller_call.c.called_at, policy.triggers, now=now)
        return Purged(
            sequences=await purge(
                database,
                tables.sequence,
                ~sequence.is_open & (sequence.ended_at < now - policy.sequences),
                batch=_WITH_ALL_THEIRS,
            ),
            # After the sequences. By the row of a mail that went, its link opts out.
            mail_attempts=await purge(
                database,
                tables.mail_attempt,
                (last_tried < now - policy.sequences)
                & (attempt.lead_id.is_(None) | attempt.state.not_in(MAY_HAVE_GONE))
                & ~exists().where(sequence.sequence_id == attempt.sequence_id),
            ),
            incoming_mails=await purge(
                database,
                tables.incoming_mail,
                (mail.received_at < now - policy.incoming_mails)
                & mail.handled_at.is_not(None)
                & ~_open_sequence(sequence.sequence_id == mail.sequence_id),
            ),
            reasons=await purge(database, tables.reason, tables.reason.c.good_until < stale),
            behaviours=await purge(
                database,
                tables.seen_behaviour,
                (seen.seen_at < now - policy.triggers) & seen.handled_at.is_not(None),
            ),
            occurrences=await purge(
                database,
                tables.occurrence,
                (happened.received_at < now - policy.triggers)
                & happened.look_at.is_(None)
                & happened.lead_id.is_not(None),
            ),
            entry_decisions=await purge_older(
                database, tables.entry_decision.c.decided_at, policy.triggers, now=now
            ),
            webhook_calls=await purge(
                database,
                tables.webhook_call,
                (tables.webhook_call.c.last_at < now - policy.sequences)
                & ~exists().where(sequence.sequence_id == tables.webhook_call.c.sequence_id),
            ),
            notices=await purge_older(
                database, tables.notice.c.created_at, policy.triggers, now=now
            ),
            inbox_rows=await purge_older(database, tables.inbox_table.c.received_at, policy.inbox),
            idempotency_keys=await purge_older(
                database, tables.idempotency_table.c.created_at, idempotency.RETENTION
            ),
            audit_rows=await purge_older(database, tables.audit_table.c.at, policy.audit),
        )


def _open_sequence(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(tables.sequence.c.is_open, which)
