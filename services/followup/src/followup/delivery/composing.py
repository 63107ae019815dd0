"""Mails as bytes: text and HTML, headers that every mail program reads, the legal footer.

Nothing in them reports an opening: remote images are refused.
"""

import re
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from html import escape
from typing import Any, Final

import css_inline
from pydantic import TypeAdapter, ValidationError

from followup.delivery.mails import OutgoingMail
from followup.domain.delivery.footer_text import footer_lines
from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.contracts.texts import without_directions
from kakehashi_common.domain.errors import DomainError

_ADDRESS: Final = TypeAdapter(EmailAddress)
_NOT_IN_A_HEADER: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_IDENTITY: Final = re.compile(r"<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}>")
_URL: Final = re.compile(
    r"(?:https://|http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?/)[!-;=?-~]{1,1000}"
)
"""One-click unsubscribing needs HTTPS (RFC 8058, 3.1); what no other machine reaches goes without.
"""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_REMOTE: Final = re.compile(
    r"<(?:script|iframe|object|embed|form)\b"
    r"|(?:\bsrc|\bsrcset|\bposter|\bbackground)\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|url\(\s*[\"']?\s*(?:https?:)?//|@import|<link\b",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"https?://[!#-;=?-~]+")
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
_DOCUMENT: Final = re.compile(r"<html\b", re.IGNORECASE)
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False)
_STYLE: Final = "font-family: sans-serif; font-size: 15px; line-height: 1.7"
_FOOTER_STYLE: Final = "margin-top: 2em; font-size: 12px; color: #555"
_MOST_REFERENCES: Final = 20
_CR_LF: Final = compat32.clone(linesep="\r\n")
"""The newer policies fold the same headers, and take ten times as long."""
_BASE64: Final = Charset("utf-8")
_BASE64.header_encoding = BASE64


def compose(mail: OutgoingMail) -> bytes:
    """Return a mail as it goes over the wire, unsigned; lines end in CR LF.

    Raises:
        DomainError: the footer lacks a part (``footer_missing``), a name, a subject or an id holds
            a line break or another control character (``header_injected``), an address or the link
            can't stand in a header (``not_an_address``, ``not_a_link``), the subject or the text is
            empty (``empty``), or the HTML loads something from elsewhere (``remote_content``).
    """
    _check(mail)
    message: Any = MIMEMultipart("alternative")  # headers may be objects, not only strings
    message["From"] = _mailbox("From", without_directions(mail.sender_name), mail.sender_address)
    message["To"] = _mailbox("To", without_directions(mail.recipient_name), mail.recipient_address)
    if mail.reply_to is not None:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = _header("Subject", mail.subject)
    message["Date"] = format_datetime(mail.sent_at.astimezone(TOKYO))
    lines = footer_lines(mail.footer)
    message.attach(_part(f"{mail.text.rstrip()}\n\n--\n" + "\n".join(lines) + "\n", "plain"))
    message.attach(_part(_html(mail, lines), "html"))
    data: bytes = message.as_bytes(policy=_CR_LF)
    return _unfolded_headers(mail) + data


def _header(name: str, text: str) -> Header:
    """Return a header that mail programs read whatever its text holds."""
    return Header(text, None if _is_plain(text) else _BASE64, header_name=name)


def _mailbox(header: str, name: str, address: str) -> Header | str:
    if _is_plain(name):
        return formataddr((name, address))
    named = _header(header, name)
    named.append(f"<{address}>", "us-ascii")
    return named


def _is_plain(text: str) -> bool:
    """Whether a header may hold it as it is."""
    return text.isascii() and "=?" not in text


def _part(text: str, subtype: str) -> MIMEText:
    return MIMEText(text.replace("\n", "\r\n"), subtype, "utf-8")


def _unfolded_headers(mail: OutgoingMail) -> bytes:
    """Return the headers that the email package would fold within a URL or an id."""
    lines = [f"Message-ID: {mail.message_id}"]
    if mail.in_reply_to is not None:
        lines.append(f"In-Reply-To: {mail.in_reply_to}")
        thread = (*mail.references, mail.in_reply_to)[-_MOST_REFERENCES:]
        lines.append("References: " + "\r\n ".join(dict.fromkeys(thread)))
    by_mail = f"mailto:{mail.unsubscribe_address}?subject=unsubscribe%20{mail.unsubscribe_token}"
    lines.append(f"List-Unsubscribe: <{mail.unsubscribe_url}>,\r\n <{by_mail}>")
    lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _check(mail: OutgoingMail) -> None:
    missing = mail.footer.missing_from()
    if missing:
        raise DomainError(
            f"the legal footer lacks {', '.join(missing)}: a mail must not go without it",
            field="footer",
            code="footer_missing",
        )
    for field in ("subject", "text"):
        if not getattr(mail, field).strip():
            raise DomainError(f"{field} is empty: write it", field=field, code="empty")
    if mail.html is not None and (found := _REMOTE.search(mail.html)):
        raise DomainError(
            f"the HTML holds {found[0]!r}: what is loaded from elsewhere reports that the mail was "
            "opened; link to it, or leave it out",
            field="html",
            code="remote_content",
        )
    _check_headers(mail)
    _check_addresses(mail)


def _check_headers(mail: OutgoingMail) -> None:
    for field in ("sender_name", "recipient_name", "subject"):
        if found := _NOT_IN_A_HEADER.search(getattr(mail, field)):
            raise DomainError(
                f"{field} holds the character U+{ord(found[0]):04X}, which no header may hold: "
                "remove it",
                field=field,
                code="header_injected",
            )
    for identity in (mail.message_id, mail.in_reply_to, *mail.references):
        if identity is not None and not _IDENTITY.fullmatch(identity):
            raise DomainError(
                "give a Message-ID such as <4711@example.jp>",
                field="message_id",
                code="header_injected",
            )
    for field, form in (("unsubscribe_url", _URL), ("unsubscribe_token", _TOKEN)):
        if not form.fullmatch(getattr(mail, field)):
            raise DomainError(
                "give a link that begins with https:// (or is of this machine), and a token of "
                "letters, digits, - and _",
                field=field,
                code="not_a_link",
            )


def _check_addresses(mail: OutgoingMail) -> None:
    for field in ("sender_address", "recipient_address", "reply_to", "unsubscribe_address"):
        address = getattr(mail, field)
        try:
            if address is not None:
                _ADDRESS.validate_python(address)
        except ValidationError:
            raise DomainError(
                f"{field} is no address such as hanako.sato@example.jp",
                field=field,
                code="not_an_address",
            ) from None


def _html(mail: OutgoingMail, footer: tuple[str, ...]) -> str:
    shown = "<br>\n".join(_linked(line) for line in footer)
    below = f'<p style="{_FOOTER_STYLE}">{shown}</p>\n'
    html = _from_text(mail.text) if mail.html is None else mail.html
    if _DOCUMENT.search(html) is None:
        html = f'<html lang="ja"><body style="{_STYLE}">\n{html}\n</body></html>'
    ends = [found.start() for found in _BODY_END.finditer(html)]
    end = ends[-1] if ends else len(html)
    try:
        return _INLINER.inline(html[:end] + below + html[end:])
    except css_inline.InlineError as error:
        raise DomainError(
            f"the styles of the HTML can't be read: {error}", field="html", code="not_html"
        ) from error


def _from_text(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n".join(
        "<p>" + "<br>\n".join(_linked(line) for line in paragraph.splitlines()) + "</p>"
        for paragraph in paragraphs
    )


def _linked(line: str) -> str:
    """Return a line as HTML, its URLs as links."""
    pieces, position = [], 0
    for found in _LINK.finditer(line):
        url = escape(found[0])
        pieces += [escape(line[position : found.start()]), f'<a href="{url}">{url}</a>']
        position = found.end()
    return "".join([*pieces, escape(line[position:])])
