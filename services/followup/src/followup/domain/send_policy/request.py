"""The question to the send policy, and the facts that it needs."""

from dataclasses import dataclass, field
from datetime import date, datetime

from followup.domain.consents.consent import Consent
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import Suppression
from followup.domain.send_policy.caps import Sent
from followup.domain.send_policy.footer import FooterPart
from followup.domain.send_policy.pauses import Pause
from followup.domain.send_policy.quiet_periods import QuietCause, QuietPeriod


@dataclass(frozen=True, slots=True)
class MailToSend:
    """One mail that is about to go, by a sequence or by a person's hand: the same rules hold."""

    recipient: Recipient
    at: datetime
    """When it would go: now, or the time that is planned."""
    missing_footer: tuple[FooterPart, ...] = ()
    answers_enquiry: bool = False
    """It answers what the recipient asked, so it is no advertising mail and needs no consent
    (特定電子メール法2条2号). Quiet periods, a disaster's pause and caps don't hold it up, but for
    what may go to everybody together: it bounds what a mail loop between programs could send."""
    allowed_in: frozenset[QuietCause] = frozenset()
    """Quiet periods that it is meant for, such as a leaver's handover paper in March."""
    good_until: date | None = None
    """The last day in Japan on which it makes sense; ``None``: it always does."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts about the recipient at the time of deciding.

    Suppressions and pauses of others may be among them; they are ignored.
    """

    consents: tuple[Consent, ...] = ()
    """Of the recipient's address."""
    suppressions: tuple[Suppression, ...] = ()
    pauses: tuple[Pause, ...] = ()
    quiet: tuple[QuietPeriod, ...] = ()
    """Of the recipient's organisation, such as the sessions of its assembly."""
    sent: Sent = field(default_factory=dict)
    """Mails to this contact and organisation, from this seller, and in all: see ``Cap``."""
    planned: Sent = field(default_factory=dict)
    """Mails that sequences of higher playbooks have planned for this contact and organisation: they
    go before this mail."""
