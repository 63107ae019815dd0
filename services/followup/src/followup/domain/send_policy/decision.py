"""The send policy's decision, with the reason in words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from followup.domain.consents.consent import Consent
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.japanese_writing import moment
from kakehashi_common.domain.texts import Text


class RefusalReason(StrEnum):
    """The reason why a mail may not go; the first that applies is given."""

    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    FOOTER_MISSING = "footer_missing"
    REASON_OVER = "reason_over"
    PAUSED = "paused"
    QUIET_PERIOD = "quiet_period"
    OUTSIDE_HOURS = "outside_hours"
    CAP_REACHED = "cap_reached"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The mail may go."""

    consent: Consent | None
    """The consent that it rests on; ``None`` for the answer to an enquiry."""
    text: Text
    """Why the recipient got it. Holds no personal data."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail must not go."""

    reason: RefusalReason
    detail: Text
    """Why. Holds no personal data."""
    until: datetime | None = None
    """When it may be tried again: nothing that is known now forbids it then. ``None``: never,
    unless somebody changes what stands in the way."""

    @property
    def text(self) -> Text:
        """Why the recipient did not get it, and when it may be tried again."""
        if self.until is None:
            return self.detail
        return Text(
            ja=f"{self.detail.ja}次に送信を試みるのは{moment(self.until)}以降です。",
            en=f"{self.detail.en} It may be tried again at "
            f"{self.until.astimezone(JAPAN):%Y-%m-%d %H:%M} in Japan.",
        )


Decision = Allowed | Refused
