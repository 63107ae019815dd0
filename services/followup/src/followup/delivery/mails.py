"""A mail to be sent, before it is bytes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LegalFooter:
    """What every mail must say about its sender (特定電子メール法4条, 同施行規則9条).

    Args:
        sender_name: the name of the company that sends, and the person's if wanted.
        postal_address: of the company.
        complaint_contact: an address, a telephone number or a URL for complaints and questions.
    """

    sender_name: str
    postal_address: str
    complaint_contact: str


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail to one recipient.

    Args:
        message_id: the same however often the mail is composed; see `followup.domain.message_ids`.
        sender_name: shown beside the address.
        text: without the footer, which is put below it.
        html: the same for programs that show HTML, without the footer; made of the text if absent.
            Styles may stand in ``<style>``: they are written into the elements.
        unsubscribe_url: with a token; HTTPS.
        unsubscribe_address: with a token; for ``List-Unsubscribe`` and for people.
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
    footer: LegalFooter
    unsubscribe_url: str
    unsubscribe_address: str
    sent_at: datetime
    html: str | None = None
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
