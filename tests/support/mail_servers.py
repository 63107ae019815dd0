"""A real mail server that misbehaves as told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

_OK: Final = "250 2.0.0 OK"


@dataclass(eq=False)
class MailServer:
    """A mail server with given answers, and the mails that it accepted.

    An answer of ``hang`` never comes, one of ``hold`` when it is released; ``disconnect`` closes
    the connection instead.
    """

    port: int = 0
    to_senders: list[str] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_messages: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    """As they came over the wire, also those that it didn't answer to."""
    senders: list[str] = field(default_factory=list)
    """Of the envelopes that it took."""
    recipients: list[str] = field(default_factory=list)
    before_recipient: Callable[[], Awaitable[object]] | None = None
    """Done before a recipient is taken: the mail is ready then, and not claimed yet."""
    connections: int = 0
    under_tls: list[bool] = field(default_factory=list)
    transports: list[asyncio.Transport] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.senders.append(address)
        return await self._answer(server, self.to_senders)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.before_recipient is not None:
            await self.before_recipient()
        answer = await self._answer(server, self.to_recipients)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        self.under_tls.append(session.ssl is not None)
        return await self._answer(server, self.to_messages)

    async def _answer(self, server: SMTP, answers: list[str]) -> str:
        answer = answers.pop(0) if answers else _OK
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "hold":
            self._released.clear()
            await self._released.wait()
            return _OK
        if answer == "disconnect":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.Event().wait()
        return answer

    def release(self) -> None:
        """Give the answers that are held."""
        self._released.set()

    def disconnect_all(self) -> None:
        """Close all connections, as a server does that restarts."""
        for each in self.transports:
            each.abort()


class _Counting(SMTP):
    def __init__(self, box: MailServer, **options: Any) -> None:
        super().__init__(box, **options)
        self._box = box

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._box.connections += 1
        assert isinstance(transport, asyncio.Transport)
        self._box.transports.append(transport)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[MailServer]:
    """Run a mail server on loopback: in the clear, by TLS, or requiring STARTTLS."""
    box = MailServer()
    loop = asyncio.get_running_loop()
    made = partial(
        _Counting,
        box,
        loop=loop,
        tls_context=starttls,
        require_starttls=starttls is not None,
    )
    server = await loop.create_server(made, "127.0.0.1", 0, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        box.disconnect_all()
