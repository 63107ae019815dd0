"""Raw mails as `ReadMail`: any bytes are either read or refused by one error."""

import re
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Final, cast

from followup.domain.inbox.history import cut_history
from followup.domain.inbox.mail import (
    KEPT_HEADERS,
    DeliveryReport,
    FeedbackReport,
    ReadMail,
    UnreadableMailError,
)
from followup.inbox import headers
from followup.inbox.bounces import failures_in_text, reports_in, returned_ids_in
from followup.inbox.charsets import decode
from followup.inbox.html_text import text_of

MAX_BYTES: Final = 30_000_000
"""Above what mail servers take (25 MB and their encoding)."""
_MAX_TEXT: Final = 500_000
"""Bytes of a text, and characters of all, that are read; a person writes less."""
_MAX_PARTS: Final = 200
_MAX_DEPTH: Final = 20
_MAX_CONTAINERS: Final = 60
_CONTAINER: Final = re.compile(
    rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE
)
_NO_BOUNCES: Final = ("disposition-notification", "feedback-report")
"""Reports that mail servers send, too."""
_MAX_HEADER_BYTES: Final = 500_000
_HAS_HEADER: Final = re.compile(rb"(?:From [^\n]*\n)?[!-9;-~]{1,100}[ \t]*:")


def read(data: bytes) -> ReadMail:
    """Parse a raw mail.

    Raises:
        UnreadableMailError: it is no mail, or so large or deeply nested that reading it would cost
            too much (``not_a_mail``, ``too_large``, ``too_complex``).
    """
    _check_bounds(data)
    try:
        message = _parsed(data)
        # What a mail server says stands above the mail that it returns.
        head = message if len(data) <= _MAX_TEXT else _parsed(data[:_MAX_TEXT])
        return _read(message, head)
    except UnreadableMailError:
        raise
    except RecursionError:
        raise _too_complex() from None
    except Exception as error:
        # The email package raises whatever its parsers happen to trip over.
        raise UnreadableMailError(
            f"it can't be read as a mail: {type(error).__name__}", code="not_a_mail"
        ) from error


def _check_bounds(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise UnreadableMailError(
            f"it has {len(data):,} bytes; the most that is read is {MAX_BYTES:,}", code="too_large"
        )
    if not _HAS_HEADER.match(data.lstrip()):
        raise UnreadableMailError("it doesn't begin with a header", code="not_a_mail")
    head = re.search(rb"\r?\n\r?\n", data)
    if (head.start() if head else len(data)) > _MAX_HEADER_BYTES:
        raise UnreadableMailError("its headers are too long", code="too_large")
    if sum(1 for _ in _CONTAINER.finditer(data)) > _MAX_CONTAINERS:
        raise _too_complex()


def _too_complex() -> UnreadableMailError:
    return UnreadableMailError("it is nested too deeply or has too many parts", code="too_complex")


@dataclass
class _Contents:
    """The contents of a mail's parts."""

    texts: list[str] = field(default_factory=list)
    has_history: bool = False
    attachments: list[str] = field(default_factory=list)
    reports: list[DeliveryReport] = field(default_factory=list)
    feedback: FeedbackReport | None = None
    returned_ids: list[str] = field(default_factory=list)
    returned_to: list[str] = field(default_factory=list)
    parts: int = 0
    left: int = _MAX_TEXT
    """Characters of texts that are still read."""


def _read(message: Message, head: Message) -> ReadMail:
    found = _Contents()
    _read_part(message, found, 0)
    senders = headers.mailboxes(message, "from") or headers.mailboxes(message, "sender")
    subject = headers.header(message, "subject")
    cut = cut_history("\n\n".join(text for text in found.texts if text.strip()))
    kept = {name: headers.header(message, name) for name in KEPT_HEADERS if name in message}
    recipients = tuple(
        box
        for name in ("to", "cc", "delivered-to", "x-original-to")
        for box in headers.mailboxes(message, name)
    )
    reports = found.reports
    whole_text = "\n".join(found.texts)
    report_type = _report_type(message)
    if not reports and report_type not in _NO_BOUNCES:
        reports = failures_in_text(head, senders, recipients, subject, whole_text)
    if reports:
        found.returned_ids.extend(returned_ids_in(whole_text))
    if found.feedback is not None and found.feedback.address is None and found.returned_to:
        found.feedback = FeedbackReport(found.feedback.feedback_type, found.returned_to[0])
    identities = headers.message_ids(message, "message-id")
    return ReadMail(
        message_id=identities[0] if identities else None,
        sender=senders[0] if senders else None,
        recipients=recipients,
        subject=subject,
        text=cut.text,
        sent_at=headers.sent_at(message),
        in_reply_to=headers.message_ids(message, "in-reply-to"),
        references=headers.message_ids(message, "references"),
        has_history=cut.has_history or found.has_history,
        attachments=tuple(found.attachments),
        headers=kept,
        report_type=report_type,
        delivery_reports=tuple(reports),
        feedback=found.feedback,
        returned_ids=tuple(dict.fromkeys(found.returned_ids)),
        delivered_to=headers.delivered_to(message),
    )


def _parsed(data: bytes) -> Message:
    return BytesParser(headers.Part, policy=headers.RawHeaders()).parsebytes(data)


def _report_type(message: Message) -> str | None:
    if message.get_content_type() != "multipart/report":
        return None
    found = message.get_param("report-type")
    return found.lower() if isinstance(found, str) else None


def _read_part(part: Message, found: _Contents, depth: int) -> None:
    found.parts += 1
    if depth > _MAX_DEPTH or found.parts > _MAX_PARTS:
        raise _too_complex()
    kind = part.get_content_type()
    if kind.startswith("message/") or kind == "text/rfc822-headers":
        _read_enclosed(part, kind, found)
        return
    if part.is_multipart():
        parts = cast("list[Message]", part.get_payload())
        for each in _chosen(parts) if kind == "multipart/alternative" else parts:
            _read_part(each, found, depth + 1)
        return
    name = headers.file_name(part)
    if name or part.get_content_disposition() == "attachment":
        found.attachments.append(name or kind)
    elif kind in ("text/plain", "text/html"):
        _read_text(part, kind, found)


def _chosen(parts: list[Message]) -> list[Message]:
    """Return one of the alternatives: the plain text unless it says nothing, and what is no text.

    A program that writes no plain text puts an empty part, or a line that says so.
    """
    texts = [each for each in parts if each.get_content_type() == "text/plain"]
    said = [each for each in texts if _text(each).strip()]
    others = [each for each in parts if each.get_content_type() != "text/plain"]
    if not said:
        return others[-1:]
    calendars = [
        each for each in others if each.get_content_maintype() not in ("text", "multipart")
    ]
    return [said[0], *calendars]


def _read_text(part: Message, kind: str, found: _Contents) -> None:
    if found.left <= 0:
        return
    text = _text(part)
    if kind == "text/html":
        text, cut = text_of(text)
        found.has_history = found.has_history or cut
    found.texts.append(text[: found.left])
    found.left -= len(text)


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = part.get_param("charset")
    declared = charset if isinstance(charset, str) else None
    text = decode(data[:_MAX_TEXT], declared).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign.isprintable() or sign in "\n\t\u3000\xa0")
    return _unflowed(text) if part.get_param("format") == "flowed" else text


def _unflowed(text: str) -> str:
    """Join the lines that ``format=flowed`` broke (RFC 3676), quoted ones aside."""
    pieces: list[str] = []
    flows = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        if pieces and (quoted or not flows):
            pieces.append("\n")
        pieces.append(line.removeprefix(" "))
        flows = line.endswith(" ") and line != "-- " and not quoted
    return "".join(pieces)


def _read_enclosed(part: Message, kind: str, found: _Contents) -> None:
    """Read a returned mail's headers, a delivery report, or a feedback report."""
    if kind == "message/delivery-status":
        found.reports.extend(reports_in(part))
        return
    payload = part.get_payload()
    if isinstance(payload, list):
        enclosed = cast("Message", payload[0]) if payload else None
    else:
        data = part.get_payload(decode=True)
        enclosed = _parsed(data[:_MAX_TEXT]) if isinstance(data, bytes) else None
    if enclosed is None:
        return
    if kind == "message/feedback-report":
        recipients = headers.mailboxes(enclosed, "original-rcpt-to")
        found.feedback = FeedbackReport(
            headers.header(enclosed, "feedback-type").lower(),
            recipients[0].address if recipients else None,
        )
        return
    if kind == "message/rfc822":
        subject = headers.header(enclosed, "subject")
        found.attachments.append(f"{subject or 'message'}.eml")
    found.returned_ids.extend(headers.message_ids(enclosed, "message-id"))
    found.returned_to.extend(box.address for box in headers.mailboxes(enclosed, "to"))
