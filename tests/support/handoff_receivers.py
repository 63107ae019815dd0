"""Real servers that receive notifications: a mail server and a web server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@dataclass(eq=False)
class Mailbox:
    """A mail server that keeps the mails that it accepted."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    """Its answers to the next mails; afterwards it accepts all."""
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    """Unless it is set, it takes letters and doesn't say so."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.extend(envelope.rcpt_tos)
        await self.answering.wait()
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        """The Message-IDs, as they came."""
        return [each["message-id"] for each in self.letters]


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """Run a mail server on loopback."""
    box = Mailbox()
    box.answering.set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(SMTP, box, loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


@dataclass(frozen=True)
class Posted:
    """A request."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Posted], bytes | None]
"""Makes the bytes of an answer; ``None``: it never answers."""


@dataclass(eq=False)
class Receiver:
    """A web server that keeps the webhooks that were posted to it."""

    url: str = ""
    answer: Answer = lambda _: OK
    posted: list[Posted] = field(default_factory=list)
    connections: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                request, *lines = head.decode().strip().split("\r\n")
                headers = dict(each.lower().split(": ", 1) for each in lines)
                stated = {each.split(": ", 1)[0].lower(): each.split(": ", 1)[1] for each in lines}
                body = await reader.readexactly(int(headers["content-length"]))
                posted = Posted(request.split()[1], stated, body)
                self.posted.append(posted)
                answer = self.answer(posted)
                if answer is None:
                    await reader.read()  # until the client gives up
                    return
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiver(answer: Answer = lambda _: OK, **tls: Any) -> AsyncIterator[Receiver]:
    """Run a web server on loopback; ``ssl`` is its context."""
    made = Receiver(answer=answer)
    context: ssl.SSLContext | None = tls.get("ssl")
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    made.url = f"{'http' if context is None else 'https'}://127.0.0.1:{port}/hooks"
    try:
        yield made
    finally:
        server.close()
        for each in made.connections:
            each.close()


def status(code: int, *headers: str) -> bytes:
    """Return an answer without a body."""
    lines = [f"HTTP/1.1 {code} Said", "content-length: 0", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
