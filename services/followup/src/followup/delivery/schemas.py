"""Mails whose fate is unknown, as the API shows and takes them."""

from pydantic import Field

from followup.delivery.ledger import UnknownMail
from followup.domain.delivery.attempts import PRESUMED_SENT_AFTER
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody


class UnknownMailOut(ResponseBody):
    """A mail that was handed over without an answer, or whose process died."""

    message_id: str = Field(description="As the mail server's log has it")
    sequence_id: str
    step_id: str
    lead_id: str | None
    seller_id: str | None
    handed_over_at: JapanTime
    counts_as_sent_from: JapanTime
    reason: str

    @classmethod
    def of(cls, mail: UnknownMail) -> "UnknownMailOut":
        """Show a mail."""
        return cls(
            message_id=mail.message_id,
            sequence_id=mail.sequence_id,
            step_id=mail.step_id,
            lead_id=mail.lead_id,
            seller_id=mail.seller_id,
            handed_over_at=mail.claimed_at,
            counts_as_sent_from=mail.claimed_at + PRESUMED_SENT_AFTER,
            reason=mail.reason or "the process that sent it has died",
        )


class FateIn(RequestBody):
    """The fate of a mail, as a person found it out."""

    message_id: str = Field(min_length=1, max_length=320)
    was_sent: Flag
