"""A mail server that keeps what it gets and hands nothing on, with a page to look at it.

So that no mail leaves the machine. Each mail is one file as it came over the wire, below its
envelope (``Return-Path`` and ``X-Original-To``), as mail servers deliver it. What is
addressed to our own domain, such as an answer that a person or the demo sends, is delivered to a
maildir too, from which followup takes it.
"""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

_LARGEST_BYTES: Final = 33_554_432
_SHOWN: Final = 200
"""Mails in the list."""
_HEADERS: Final = (
    *("Return-Path", "X-Original-To", "From", "To", "Reply-To", "Subject", "Date"),
    *("Message-ID", "In-Reply-To"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"),
)
_STYLE: Final = """
body { font: 15px/1.6 sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th { text-align: left; white-space: nowrap }
td, th { padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top }
td { overflow-wrap: anywhere } pre { white-space: pre-wrap; background: #f6f6f6; padding: 1rem }
iframe { width: 100%; height: 28rem; border: 1px solid #ddd } .note { color: #666 }
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder of received mails, and the domain whose mails are delivered to the inbox."""

    folder: Path
    domain: str
    """Our own: what is addressed to it comes in."""

    def prepare(self) -> None:
        """Make the folders."""
        for name in ("all", "inbox/new", "inbox/cur", "inbox/tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def keep(self, data: bytes, sender: str, recipients: list[str]) -> None:
        """Keep a mail below its envelope, and deliver it if it is for us."""
        envelope = [f"Return-Path: <{sender}>", *(f"X-Original-To: {to}" for to in recipients)]
        data = "".join(f"{line}\r\n" for line in envelope).encode() + data
        name = f"{time.time_ns()}.eml"
        if any(each.lower().endswith(f"@{self.domain}") for each in recipients):
            self._write("inbox/new", name, data)
        self._write("all", name, data)

    def newest(self) -> list[Path]:
        """Return the mails to list, the newest first."""
        return sorted((self.folder / "all").glob("*.eml"), reverse=True)[:_SHOWN]

    def _write(self, folder: str, name: str, data: bytes) -> None:
        draft = self.folder / "inbox/tmp" / name
        draft.write_bytes(data)
        draft.rename(self.folder / folder / name)


class _Receiver:
    """Takes every mail."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if isinstance(envelope.content, bytes):
            self._kept.keep(envelope.content, envelope.mail_from or "", envelope.rcpt_tos)
        return "250 2.0.0 kept"


class _Page(BaseHTTPRequestHandler):
    """`/` lists the mails, `/<file>` shows one, `/<file>/raw` is it as it came."""

    kept: ClassVar[Kept]

    def do_GET(self) -> None:
        """Answer a GET."""
        name, _, view = self.path.partition("?")[0].strip("/").partition("/")
        file = self.kept.folder / "all" / Path(name).name
        if name == "healthz":
            self._answer("ok", "text/plain")
        elif not name:
            self._answer(_list(self.kept.newest()))
        elif not file.is_file():
            self._answer("<p>There is no such mail.</p>", status=HTTPStatus.NOT_FOUND)
        elif view == "raw":
            self._answer(file.read_bytes().decode("utf-8", "replace"), "text/plain")
        else:
            self._answer(_one(file))

    def log_message(self, *_: object) -> None:
        """Log nothing: addresses stand in requests."""

    def _answer(
        self, text: str, kind: str = "text/html", status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        if kind == "text/html":
            text = f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>{text}'
        data = text.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
        )
        self.end_headers()
        self.wfile.write(data)


def _list(files: list[Path]) -> str:
    rows = "".join(_row(each) for each in files)
    return (
        '<title>Mails</title><meta http-equiv="refresh" content="10"><h1>Mails</h1>'
        f'<p class="note">The newest {len(files)}. They are kept here; none has left this machine.'
        "</p><table><tr><th>Received<th>From<th>To<th>Subject</tr>" + rows + "</table>"
    )


def _row(file: Path) -> str:
    mail = _mail(file)
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(file.stem) / 1e9))
    subject = escape(_header(mail, "Subject")) or "(no subject)"
    return (
        f"<tr><td>{at}<td>{escape(_header(mail, 'From'))}<td>{escape(_header(mail, 'To'))}"
        f'<td><a href="/{file.name}">{subject}</a></tr>'
    )


def _one(file: Path) -> str:
    mail = _mail(file)
    subject = escape(_header(mail, "Subject"))
    rows = "".join(
        f"<tr><th>{name}<td>{escape(_header(mail, name))}</tr>" for name in _HEADERS if name in mail
    )
    for signature in mail.get_all("DKIM-Signature", []):
        tags = dict(tag.strip().partition("=")[::2] for tag in str(signature).split(";"))
        by = ", ".join(f"{tag}={tags[tag]}" for tag in ("d", "s", "a") if tag in tags)
        rows += f"<tr><th>DKIM-Signature<td>{escape(by)}</tr>"
    shown = f"<title>{subject}</title><p><a href='/'>Mails</a></p><h1>{subject}</h1>"
    shown += f'<table>{rows}</table><p><a href="/{file.name}/raw">As it came</a></p>'
    if text := mail.get_body(("plain",)):
        shown += f"<h2>Text</h2><pre>{escape(_content(text))}</pre>"
    if html := mail.get_body(("html",)):
        document = escape(f'<base target="_blank">{_content(html)}')
        allowed = "allow-popups allow-popups-to-escape-sandbox"
        shown += f'<h2>HTML</h2><iframe sandbox="{allowed}" srcdoc="{document}"></iframe>'
    return shown


def _mail(file: Path) -> EmailMessage:
    mail = message_from_bytes(file.read_bytes(), policy=default)
    if not isinstance(mail, EmailMessage):
        raise TypeError(file.name)
    return mail


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header's text; the policy has decoded it, and no text is decoded twice."""
    return ", ".join(str(value) for value in mail.get_all(name, []))


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return "(It can't be shown: see it as it came.)"


async def serve(kept: Kept, host: str, smtp_port: int, page_port: int) -> None:
    """Take mails and show them until a signal arrives."""
    kept.prepare()
    loop = asyncio.get_running_loop()
    made = partial(SMTP, _Receiver(kept), loop=loop, data_size_limit=_LARGEST_BYTES)
    server = await loop.create_server(made, host, smtp_port)
    _Page.kept = kept
    page = ThreadingHTTPServer((host, page_port), _Page)
    Thread(target=page.serve_forever, daemon=True).start()
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    await stopped.wait()
    server.close()
    page.shutdown()


if __name__ == "__main__":
    asyncio.run(
        serve(
            Kept(Path(os.environ["KAKEHASHI_MAIL_FOLDER"]), os.environ["KAKEHASHI_MAIL_DOMAIN"]),
            os.environ.get("KAKEHASHI_MAIL_HOST", "127.0.0.1"),
            int(os.environ["KAKEHASHI_MAIL_SMTP_PORT"]),
            int(os.environ["KAKEHASHI_MAIL_PAGE_PORT"]),
        )
    )
