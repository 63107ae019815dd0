"""The consequences of an incoming mail for the contact concerned."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from followup.domain.consents.suppression import (
    BY_MAIL,
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.delivery.dead_addresses import address_is_dead
from followup.domain.inbox.classified import Bounced, Classified, MailKind
from followup.domain.inbox.return_dates import ABSENT_DAYS
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Pause, React
from followup.domain.sequences.terms import PauseReason
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.person import comparable_email

_OCCURRENCES: Final = {
    MailKind.ANSWER: OccurrenceKind.ANSWERED,
    MailKind.NEGATIVE: OccurrenceKind.NEGATIVE,
    MailKind.OPT_OUT: OccurrenceKind.OPTED_OUT,
    MailKind.FEEDBACK_REPORT: OccurrenceKind.OPTED_OUT,
}
_CAUSES: Final = {
    MailKind.OPT_OUT: (Cause.OPT_OUT, Channel.REPLY),
    MailKind.FEEDBACK_REPORT: (Cause.COMPLAINT, Channel.MAIL_SYSTEM),
    MailKind.BOUNCE: (Cause.BOUNCE, Channel.MAIL_SYSTEM),
}

SUPPRESSING: Final = frozenset(_CAUSES)
"""Kinds of mails that may suppress the address that they are about."""
_WISHES: Final = SUPPRESSING - {MailKind.BOUNCE}


@dataclass(frozen=True, slots=True)
class Consequences:
    """The actions to take: first the suppression, which holds for every path, then the message.

    Args:
        message: for every open sequence of the contact.
        suppression: of the address that the mail is about.
        recipient_stops: why, and by which channel, nothing more goes to the recipient of the mail
            that this one refers to: they may answer from another address, such as their section's,
            and a report of a complaint may name none.
        has_left: whether somebody has to find the successor of whom the mail is about. Nobody whom
            it names is written to: it may name anybody.
    """

    message: React | Pause | None = None
    suppression: Suppression | None = None
    recipient_stops: tuple[Cause, Channel] | None = None
    has_left: bool = False


def consequences(
    mail: Classified, received_at: datetime, business_days: BusinessDays
) -> Consequences:
    """Return the consequences of a mail. Each can be repeated without further effect."""
    match mail.kind:
        case MailKind.UNRELATED:
            return Consequences()
        case MailKind.OUT_OF_OFFICE:
            pause = _pause(mail, received_at, business_days)
            return Consequences(pause, has_left=pause.reason is PauseReason.HAS_LEFT)
        case MailKind.BOUNCE:
            if not any(each.permanent for each in mail.bounced):
                return Consequences()  # the server goes on trying
            happened = React(OccurrenceKind.BOUNCED, received_at, BY_MAIL, origin=BY_MAIL)
            is_dead = any(_is_dead(each) for each in mail.bounced)
            return Consequences(happened, _suppression(mail, received_at) if is_dead else None)
        case _:
            happened = React(_OCCURRENCES[mail.kind], received_at, BY_MAIL, origin=BY_MAIL)
            stops = None if mail.refers_to is None else _CAUSES.get(mail.kind)
            return Consequences(happened, _suppression(mail, received_at), stops)


def _pause(mail: Classified, received_at: datetime, business_days: BusinessDays) -> Pause:
    """Stand still until the person is back; without an end where they have left the post."""
    until = mail.returns_on
    if until is None and mail.has_left:
        return Pause(by=BY_MAIL, reason=PauseReason.HAS_LEFT, origin=BY_MAIL)
    if until is None:
        until = business_days.shift(received_at.astimezone(JAPAN).date(), ABSENT_DAYS)
    return Pause(
        by=BY_MAIL,
        reason=PauseReason.OUT_OF_OFFICE,
        until=datetime.combine(until, time(), JAPAN),
        origin=BY_MAIL,
    )


def wishes_of(mail: Classified, lead_id: str | None, since: datetime) -> list[Suppression]:
    """Return the suppressions by an opt-out or complaint of somebody of whom nothing else is kept.

    Args:
        mail: of any kind.
        lead_id: under which they were known; ``None``: nobody is known who has the address.
        since: when it came.
    """
    if mail.kind not in _WISHES:
        return []
    wishes = []
    if lead_id is not None:
        cause, channel = _CAUSES[mail.kind]
        wishes.append(Suppression(SuppressionKey(Scope.PERSON, lead_id), cause, channel, since))
    if (address := _suppression(mail, since)) is not None:
        wishes.append(address)
    return wishes


def _suppression(mail: Classified, since: datetime) -> Suppression | None:
    if mail.kind not in _CAUSES or mail.about is None:
        return None
    cause, channel = _CAUSES[mail.kind]
    key = SuppressionKey(Scope.ADDRESS, comparable_email(mail.about))
    return Suppression(key, cause, channel, since)


def _is_dead(bounced: Bounced) -> bool:
    return bounced.permanent and address_is_dead(bounced.status, bounced.diagnostic)
