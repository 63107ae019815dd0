"""The row of each mail: written before it goes, and with what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from followup.delivery.mails import MailOrigin
from followup.domain.delivery.attempts import (
    LONGEST_ATTEMPT,
    Attempt,
    AttemptState,
    known_outcome,
)
from followup.domain.delivery.outcome import Fate, Outcome
from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class UnknownMail:
    """A mail of which nobody knows whether it went."""

    message_id: str
    sequence_id: str
    step_id: str
    lead_id: str | None
    seller_id: str | None
    claimed_at: datetime
    reason: str


_ATTEMPT: Final = ", ".join(Attempt.__slots__)

_SETTLED = {
    Fate.ACCEPTED: AttemptState.ACCEPTED,
    Fate.DEFERRED: AttemptState.DEFERRED,
    Fate.REJECTED: AttemptState.REJECTED,
    Fate.UNKNOWN: AttemptState.UNKNOWN,
}


async def find(connection: RawConnection, message_id: str) -> Attempt | None:
    """Return what is known of a mail."""
    row = await connection.fetchrow(
        f"select {_ATTEMPT} from mail_attempt where message_id = $1",  # noqa: S608 - our own columns
        message_id,
    )
    return None if row is None else _attempt(row)


async def sequence_and_recipient(
    connection: RawConnection, mail_name: str
) -> tuple[str, str | None] | None:
    """Return of which sequence a mail is, and to which contact it went, if that is known.

    Args:
        connection: of any transaction.
        mail_name: see :func:`~followup.domain.message_ids.mail_name`.
    """
    row = await connection.fetchrow(
        "select sequence_id, lead_id from mail_attempt where message_id > $1 and message_id < $2",
        f"<{mail_name}@",
        f"<{mail_name}A",  # what follows "@" in ASCII
    )
    return None if row is None else (row["sequence_id"], row["lead_id"])


async def may_have_gone(
    connection: RawConnection, sequence_id: str, step_id: str, since: datetime
) -> bool:
    """Return whether the mail of a step went since the step was reached, or may have."""
    found = await connection.fetchval(
        "select 1 from mail_attempt where sequence_id = $1 and step_id = $2 and claimed_at >= $3 "
        "and state in ('sending', 'unknown', 'accepted')",
        sequence_id,
        step_id,
        since,
    )
    return found is not None


async def claim(
    connection: RawConnection,
    message_id: str,
    origin: MailOrigin,
    *,
    recipient_domain: str,
    pace: timedelta,
    now: datetime,
) -> Outcome | None:
    """Write down that a mail goes now, or return why it doesn't; the caller commits either way.

    Mails to one domain go ``pace`` apart, over all processes: whose turn comes later keeps it and
    is withheld until then.
    """
    row = await connection.fetchrow(
        "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, organisation, "  # noqa: S608
        "seller_id, role, occasion, state) values ($1, $2, $3, $4, $5, $6, $7, $8, 'planned') "
        # Changes nothing; a row that is there is locked, and returned as it is then.
        "on conflict (message_id) do update set message_id = excluded.message_id "
        f"returning {_ATTEMPT}",
        message_id,
        origin.sequence_id,
        origin.step_id,
        origin.lead_id,
        origin.organisation,
        origin.seller_id,
        origin.role,
        origin.occasion,
    )
    attempt = _attempt(row)
    known = known_outcome(attempt, now)
    if known is not None:
        return known
    turn_at = attempt.turn_at or await _take_turn(connection, recipient_domain, pace, now)
    if turn_at > now:
        await connection.execute(
            "update mail_attempt set turn_at = $2 where message_id = $1", message_id, turn_at
        )
        return Outcome(Fate.WITHHELD, "its turn at the recipient's domain comes", retry_at=turn_at)
    await connection.execute(
        "update mail_attempt set state = 'sending', number = number + 1, claimed_at = $2, "
        "turn_at = null, settled_at = null, reason = '' where message_id = $1",
        message_id,
        now,
    )
    return None


async def settle(
    connection: RawConnection,
    message_id: str,
    outcome: Outcome,
    *,
    claimed_at: datetime,
    now: datetime,
) -> bool:
    """Write down what became of the attempt that was claimed then; whether nobody had before."""
    tag = await connection.execute(
        "update mail_attempt set state = $2, settled_at = $3, code = $4, status = $5, reason = $6, "
        "concerns_recipient = $7 where message_id = $1 and state = 'sending' and claimed_at = $8",
        message_id,
        _SETTLED[outcome.fate],
        now,
        outcome.code,
        outcome.status,
        outcome.reason,
        outcome.concerns_recipient,
        claimed_at,
    )
    return tag == "UPDATE 1"


async def presume(connection: RawConnection, message_id: str, reason: str, now: datetime) -> bool:
    """Write down that a mail counts as sent; whether it did not before."""
    tag = await connection.execute(
        "update mail_attempt set state = 'accepted', settled_at = $3, reason = $2 "
        "where message_id = $1 and state in ('sending', 'unknown')",
        message_id,
        reason,
        now,
    )
    return tag == "UPDATE 1"


async def confirm(connection: RawConnection, message_ids: Collection[str], now: datetime) -> int:
    """Write down that mails went, which somebody's mail refers to; return how many were unknown."""
    tag = await connection.execute(
        "update mail_attempt set state = 'accepted', settled_at = $2, "
        "reason = 'a mail refers to it' "
        "where message_id = any($1::text[]) and state in ('sending', 'unknown')",
        list(message_ids),
        now,
    )
    return int(tag.rpartition(" ")[2])


async def answered(connection: RawConnection, message_id: str, at: datetime) -> None:
    """Write down that a person answered a mail; the first answer stays."""
    await connection.execute(
        "update mail_attempt set answered_at = $2 where message_id = $1 and answered_at is null",
        message_id,
        at,
    )


async def decide_unknown(
    connection: RawConnection, message_id: str, *, was_sent: bool, now: datetime
) -> bool:
    """Write down what a person found out of a mail whose fate is unknown; whether it was that.

    One that was not sent may be sent again, under the same Message-ID. One that may still be going
    is not unknown yet.
    """
    tag = await connection.execute(
        "update mail_attempt set state = $2, settled_at = $3, reason = 'a person has decided' "
        "where message_id = $1 and (state = 'unknown' or state = 'sending' and claimed_at <= $4)",
        message_id,
        AttemptState.ACCEPTED if was_sent else AttemptState.DEFERRED,
        now,
        now - LONGEST_ATTEMPT,
    )
    return tag == "UPDATE 1"


async def unknown(
    connection: RawConnection, now: datetime, *, after: tuple[datetime, str] | None, limit: int
) -> list[UnknownMail]:
    """Return the mails whose fate is unknown, those that were claimed first first."""
    at, message_id = after or (None, "")
    rows = await connection.fetch(
        "select message_id, sequence_id, step_id, lead_id, seller_id, claimed_at, reason "
        "from mail_attempt where state in ('sending', 'unknown') "
        "and (state = 'unknown' or claimed_at <= $1) "
        "and ($2::timestamptz is null or (claimed_at, message_id) > ($2, $3)) "
        "order by claimed_at, message_id limit $4",
        now - LONGEST_ATTEMPT,
        at,
        message_id,
        limit,
    )
    return [UnknownMail(**row) for row in rows]


async def recipient_of(
    connection: RawConnection, message_id: str
) -> tuple[str | None, datetime] | None:
    """Return to whom a mail that was claimed goes, and when that was."""
    row = await connection.fetchrow(
        "select lead_id, claimed_at from mail_attempt "
        "where message_id = $1 and claimed_at is not null",
        message_id,
    )
    return None if row is None else (row["lead_id"], row["claimed_at"])


async def step_of(connection: RawConnection, message_id: str) -> tuple[str, str] | None:
    """Return the sequence and the step whose mail it is."""
    row = await connection.fetchrow(
        "select sequence_id, step_id from mail_attempt where message_id = $1", message_id
    )
    return None if row is None else (row["sequence_id"], row["step_id"])


async def _take_turn(
    connection: RawConnection, domain: str, pace: timedelta, now: datetime
) -> datetime:
    turn: datetime = await connection.fetchval(
        "insert into mail_domain as known (domain, next_turn_at) values ($1, $2::timestamptz + $3) "
        "on conflict (domain) do update "
        "set next_turn_at = greatest(known.next_turn_at, $2::timestamptz) + $3 "
        "returning next_turn_at - $3",
        domain,
        now,
        pace,
    )
    return turn


def _attempt(row: Any) -> Attempt:
    return Attempt(**{**row, "state": AttemptState(row["state"])})
