"""Mails as they come in, built byte by byte: programs of the trade don't ask the email package."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from followup.domain.delivery.footer_text import OPT_OUT_LABEL
from followup.domain.inbox.classified import Classified
from followup.domain.inbox.classifying import Classifier
from followup.domain.message_ids import message_id
from followup.inbox.reading import read
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

OURS: Final = message_id("followup/renewal/lead-1/contract", "first", "mail.example.jp")
THEIRS: Final = "<20261125.4711@city.example.lg.jp>"
OFFICER: Final = "hanako.sato@city.example.lg.jp"
SENT: Final = "Mon, 30 Nov 2026 10:15:00 +0900"
RECEIVED: Final = datetime(2026, 11, 30, 10, 16, tzinfo=JAPAN)
FOOTER: Final = f"{OPT_OUT_LABEL}: https://mail.example.jp/unsubscribe/x"

CLASSIFIER: Final = Classifier(
    message_domain="mail.example.jp",
    unsubscribe_address="unsubscribe@mail.example.jp",
    business_days=BUSINESS_DAYS,
)


def mail(  # noqa: PLR0913 - each is a header
    text: str,
    *,
    subject: str = "Re: 令和9年度予算要求の参考資料",
    sender: str = f"佐藤花子 <{OFFICER}>",
    to: str = "sales@mail.example.jp",
    answers: str | None = OURS,
    headers: Mapping[str, str] | None = None,
    charset: str = "utf-8",
    content_type: str = "text/plain",
    date: str | None = SENT,
) -> bytes:
    """Return a mail; ``answers`` is what its ``In-Reply-To`` names."""
    lines = {
        "From": sender,
        "To": to,
        "Subject": word(subject),
        "Message-ID": THEIRS,
        "MIME-Version": "1.0",
        "Content-Type": f"{content_type}; charset={charset}",
        "Content-Transfer-Encoding": "8bit",
    }
    if date is not None:
        lines["Date"] = date
    if answers is not None:
        lines |= {"In-Reply-To": answers, "References": answers}
    lines |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + text.replace("\n", "\r\n").encode(charset)


def report(kind: str, *parts: tuple[str, str], headers: Mapping[str, str] | None = None) -> bytes:
    """Return a ``multipart/report``; each part has a content type and a text."""
    lines = {
        "From": "Mail Delivery System <MAILER-DAEMON@mx.example.jp>",
        "To": "sales@mail.example.jp",
        "Subject": "Undelivered Mail Returned to Sender",
        "Date": SENT,
        "Auto-Submitted": "auto-replied",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/report; report-type={kind}; boundary="=_b"',
    } | dict(headers or {})
    head = "".join(f"{name}: {value}\n" for name, value in lines.items())
    body = "".join(f"--=_b\nContent-Type: {of}\n\n{text}\n" for of, text in parts)
    return f"{head}\n{body}--=_b--\n".encode()


def word(text: str) -> str:
    """Return a header's text as one encoded word."""
    return text if text.isascii() else f"=?utf-8?B?{b64encode(text.encode()).decode()}?="


def classified(data: bytes) -> Classified:
    """Return what a mail is that has just come in."""
    return CLASSIFIER.classify(read(data), RECEIVED)
