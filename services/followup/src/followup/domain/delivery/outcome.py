"""The outcome of one attempt to send a mail, and what it permits."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """The fate of an attempt."""

    ACCEPTED = "accepted"
    """The mail server has taken it over (RFC 5321, 4.2.5): a bounce may still come."""
    DEFERRED = "deferred"
    """It has surely not been taken; a later attempt may succeed."""
    REJECTED = "rejected"
    """It has surely not been taken, and no later attempt of the same can succeed."""
    UNKNOWN = "unknown"
    """It was handed over, and no answer came. SMTP does not say whether it goes out."""
    WITHHELD = "withheld"
    """It wasn't handed over: it may not go now."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt's fate.

    Args:
        reason: the server's code and what failed, without addresses.
        code: of the server's answer, if there was one.
        status: its enhanced status code (RFC 3463), if there was one.
        is_greylisted: the server wants to see the same mail again in a few minutes.
        concerns_recipient: the address doesn't exist: no other mail reaches it.
        retry_at: of a withheld mail: when it may go.
    """

    fate: Fate
    reason: str = ""
    code: int | None = None
    status: str | None = None
    is_greylisted: bool = False
    concerns_recipient: bool = False
    retry_at: datetime | None = None
