"""Suppressions: addressees who must not be written to, on any basis (特定電子メール法3条3項)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from followup.domain.consents.recipient import Recipient

BY_LINK: Final = "unsubscribe-link"
BY_MAIL: Final = "mail"
BY_SUPPRESSION: Final = "suppressions"
"""The author of suppressions, in the contact's sequences and the audit."""


class Scope(StrEnum):
    """The scope of a suppression; the narrowest first."""

    PERSON = "person"
    """A lead, under any address."""
    ADDRESS = "address"
    DOMAIN = "domain"
    """Every address of a domain and of those below it."""
    ORGANISATION = "organisation"


class Cause(StrEnum):
    """The reason of a suppression."""

    OPT_OUT = "opt_out"
    COMPLAINT = "complaint"
    """A mail was reported as spam (ARF)."""
    BOUNCE = "bounce"
    """The address doesn't exist."""
    ERASURE = "erasure"
    """The person's data were erased."""
    LEFT = "left"
    """異動・退職: the person works there no more."""
    SELLER = "seller"
    """Somebody on the seller's side decided so."""


class Channel(StrEnum):
    """The channel by which it became known."""

    LINK = "link"
    """The link in a mail, or the mail program's own button (RFC 8058)."""
    REPLY = "reply"
    API = "api"
    IMPORT = "import"
    PERSON = "person"
    """Told to somebody, who recorded it: by telephone, at a meeting."""
    MAIL_SYSTEM = "mail_system"
    """A bounce or a feedback report."""


class SuppressionKey(NamedTuple):
    """The key of a suppression."""

    scope: Scope
    value: str
    """The lead's id, the comparable address, the domain in lower case, the organisation's id."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Nothing is sent to those that ``key`` names, until somebody lifts it by hand."""

    key: SuppressionKey
    cause: Cause
    channel: Channel
    since: datetime

    @property
    def said_by(self) -> str:
        """Its author, in the sequences that it ends."""
        return _SAID_BY.get(self.channel, BY_SUPPRESSION)


_SAID_BY: Final[Mapping[Channel, str]] = {
    Channel.LINK: BY_LINK,
    Channel.REPLY: BY_MAIL,
    Channel.MAIL_SYSTEM: BY_MAIL,
}


def suppression_keys(recipient: Recipient) -> tuple[SuppressionKey, ...]:
    """Return the keys of all suppressions that could forbid the mail, the narrowest first."""
    keys = [
        SuppressionKey(Scope.PERSON, recipient.lead_id),
        SuppressionKey(Scope.ADDRESS, recipient.comparable_address),
        *(SuppressionKey(Scope.DOMAIN, domain) for domain in recipient.domains),
    ]
    if recipient.organisation is not None:
        keys.append(SuppressionKey(Scope.ORGANISATION, recipient.organisation))
    return tuple(keys)


def suppression_of(recipient: Recipient, suppressions: Iterable[Suppression]) -> Suppression | None:
    """Return the suppression that forbids mail to ``recipient``: the narrowest, then the oldest."""
    keys = {key: place for place, key in enumerate(suppression_keys(recipient))}
    return min(
        (each for each in suppressions if each.key in keys),
        key=lambda each: (keys[each.key], each.since, each.cause),
        default=None,
    )
