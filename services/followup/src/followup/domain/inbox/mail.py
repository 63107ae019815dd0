"""A mail as it was read: texts instead of bytes, reduced to what decisions are based on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kakehashi_common.domain.errors import DomainError

KEPT_HEADERS: Final = (
    "auto-submitted",
    "list-id",
    "list-unsubscribe",
    "precedence",
    "return-path",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autoreply-from",
    "x-autorespond",
    "x-autoresponder",
    "x-failed-recipients",
    "x-mail-autoreply",
)
"""Headers that say whether a person wrote, in lower case. Sources: RFC 3834, 2369 and 2919, and
what mail programs add to them."""


class UnreadableMailError(DomainError):
    """A mail can't be read or kept, or reading it would cost too much.

    It is set aside with the reason.
    """


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's address, in lower case, with the name that was given with it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """The fate of a mail for one recipient, as a mail server reports it.

    Args:
        address: the recipient, in lower case; ``None`` where none is named.
        action: ``failed``, ``delayed``, ``delivered``, ``relayed`` or ``expanded`` (RFC 3464).
        status: an enhanced status code such as ``5.1.1`` (RFC 3463), if one is given.
        diagnostic: the server's words, shortened.
        free_form: whether it was read from a text and not from fields of RFC 3464.
    """

    address: str | None
    action: str
    status: str | None = None
    diagnostic: str = ""
    free_form: bool = False


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """A reader's complaint, as a mailbox provider passes it on (ARF, RFC 5965).

    Args:
        feedback_type: ``abuse``, ``fraud``, ``not-spam``, ``opt-out`` and others.
        address: the recipient who complains, in lower case, if it is stated.
    """

    feedback_type: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ReadMail:
    """One incoming mail.

    Args:
        message_id: with its angle brackets, as `in_reply_to` and `references` too.
        text: what the person wrote; quoted history is cut.
        has_history: whether quoted history was cut.
        sent_at: by the header; ``None`` where it is missing or no date.
        attachments: names of the attached files.
        headers: those of `KEPT_HEADERS` that it has.
        report_type: of a ``multipart/report``, in lower case.
        delivery_reports: of a bounce.
        returned_ids: Message-IDs of the mails that it returns or encloses.
        delivered_to: addresses for which it came, as mail servers note them down, and those of
            ``To``: a bounce goes to the envelope sender of the mail that bounced.
    """

    message_id: str | None
    sender: Mailbox | None
    recipients: tuple[Mailbox, ...]
    subject: str
    text: str
    sent_at: datetime | None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    has_history: bool = False
    attachments: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    report_type: str | None = None
    delivery_reports: tuple[DeliveryReport, ...] = ()
    feedback: FeedbackReport | None = None
    returned_ids: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
