"""The known outcome of a mail before it is sent again, which SMTP itself doesn't tell.

A mail has one Message-ID, and one row. The row says that it is going before the message goes, and
how it went as soon as that is known. Before another attempt the row is read:

* taken or refused: that is the answer, nothing is sent;
* going, and the other may still be at it: wait;
* going for longer than an attempt can take, or without an answer from the mail server: unknown.
  It is **never sent again by itself**. A bounce, an answer or an opt-out that names its Message-ID
  proves that it went; a person who has looked at the mail server's log settles it either way; after
  a day without either it counts as sent, and the sequence goes on.

So a mail goes twice only if a person says so wrongly, and even then under the same Message-ID, by
which many mailboxes keep one copy. The price: a mail that was lost in just that moment is not
repeated.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from followup.domain.delivery.outcome import Fate, Outcome

LONGEST_ATTEMPT: Final = timedelta(minutes=15)
"""From the claim to the server's answer, for which a client waits ten minutes."""
PRESUMED_SENT_AFTER: Final = timedelta(days=1)
"""Bounces of most servers come within minutes, warnings of a delay within hours."""


class AttemptState(StrEnum):
    """The state of a mail's row."""

    PLANNED = "planned"
    """It has its turn at the recipient's domain."""
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


MAY_HAVE_GONE: Final = (AttemptState.SENDING, AttemptState.UNKNOWN, AttemptState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last attempt to send a mail, as its row records it.

    Args:
        turn_at: when its turn at the recipient's domain comes, of a planned one.
        claimed_at: when it was about to be handed over.
        reason: without addresses.
    """

    message_id: str
    state: AttemptState
    number: int = 0
    turn_at: datetime | None = None
    claimed_at: datetime | None = None
    code: int | None = None
    status: str | None = None
    reason: str = ""
    concerns_recipient: bool = False


def known_outcome(attempt: Attempt | None, now: datetime) -> Outcome | None:
    """Return the known outcome of a mail; ``None``: it may be sent."""
    if attempt is None or attempt.claimed_at is None:
        return None
    match attempt.state:
        case AttemptState.PLANNED | AttemptState.DEFERRED:
            return None
        case AttemptState.ACCEPTED | AttemptState.REJECTED:
            return Outcome(
                Fate(attempt.state),
                attempt.reason,
                attempt.code,
                attempt.status,
                concerns_recipient=attempt.concerns_recipient,
            )
        case AttemptState.SENDING if now < attempt.claimed_at + LONGEST_ATTEMPT:
            return Outcome(
                Fate.WITHHELD,
                "another attempt is under way",
                retry_at=attempt.claimed_at + LONGEST_ATTEMPT,
            )
        case AttemptState.SENDING | AttemptState.UNKNOWN:
            presumed_at = attempt.claimed_at + PRESUMED_SENT_AFTER
            if now >= presumed_at:
                return Outcome(Fate.ACCEPTED, "presumed sent: nothing said otherwise for a day")
            reason = attempt.reason or "the process that sent it has died"
            return Outcome(Fate.UNKNOWN, reason, retry_at=presumed_at)
