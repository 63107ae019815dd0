"""The classification of an incoming mail."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class MailKind(StrEnum):
    """The kind of a mail, which decides the consequences."""

    BOUNCE = "bounce"
    FEEDBACK_REPORT = "feedback_report"
    OUT_OF_OFFICE = "out_of_office"
    """Delays; it is neither an answer nor an opt-out."""
    OPT_OUT = "opt_out"
    NEGATIVE = "negative"
    ANSWER = "answer"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence that decided.

    Args:
        where: a header's name, ``subject`` or ``text``.
        what: its value, or the phrase, shortened.
    """

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """A recipient that a mail didn't reach.

    Args:
        address: in lower case; ``None`` where the bounce names none.
        permanent: no later attempt can succeed.
        status: an enhanced status code such as ``5.1.1`` (RFC 3463), if one is given.
    """

    address: str | None
    permanent: bool
    status: str | None
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Classified:
    """A mail's kind, and the details in it.

    Args:
        refers_to: our Message-ID that it is about; ``None``: look for its sender's address.
        about: the address whose contact it concerns, in lower case: who wrote, bounced, complained.
        bounced: of a bounce.
        returns_on: of an absence: the first day on which the person is back, if it is stated.
        has_left: of an absence: the person has left the post for good (異動, 退職).
        unsubscribe_token: of an opt-out that was mailed to the address in ``List-Unsubscribe``.
    """

    kind: MailKind
    evidence: tuple[Evidence, ...]
    refers_to: str | None = None
    about: str | None = None
    bounced: tuple[Bounced, ...] = ()
    returns_on: date | None = None
    has_left: bool = False
    unsubscribe_token: str | None = None
