"""A mail to be sent, before it is bytes, and what it belongs to."""

from dataclasses import dataclass
from datetime import datetime

from followup.domain.send_policy.footer import Footer


@dataclass(frozen=True, slots=True)
class MailOrigin:
    """Of which step a mail is, to whom, and in whose name: by these it is counted.

    Args:
        lead_id: of the recipient, who may be another than the sequence's contact.
        organisation: the recipient's.
        seller_id: in whose name it goes.
        role: the recipient's.
        occasion: the slug of what began the sequence.
    """

    sequence_id: str
    step_id: str
    lead_id: str
    organisation: str | None = None
    seller_id: str | None = None
    role: str | None = None
    occasion: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail to one recipient.

    Args:
        message_id: the same however often the mail is composed; see `followup.domain.message_ids`.
        sender_name: shown beside the address.
        text: without the footer, which is put below it.
        html: the same for programs that show HTML, without the footer; made of the text if absent.
            Styles may stand in ``<style>``: they are written into the elements.
        footer: with the link that opts this recipient out.
        unsubscribe_url: for the mail program's own button, with the token in it; HTTPS.
        unsubscribe_address: for mail programs that mail instead of posting, with the token as
            subject.
        unsubscribe_token: of `UnsubscribeTokens`.
        in_reply_to: the Message-ID of the mail before it in the thread, and before that one
            `references`.
    """

    message_id: str
    sender_name: str
    sender_address: str
    recipient_name: str
    recipient_address: str
    subject: str
    text: str
    footer: Footer
    unsubscribe_url: str
    unsubscribe_address: str
    unsubscribe_token: str
    sent_at: datetime
    html: str | None = None
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
