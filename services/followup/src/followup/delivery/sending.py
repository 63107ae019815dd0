"""Handing mails to the mail server, and telling exactly what is known of each.

What SMTP promises: an answer 250 to the message means that the server has taken it over (RFC 5321,
4.2.5), one of 4xx or 5xx that it has not. Where no answer comes behind the message (a disconnect, a
time-out, the death of this process) both are possible, and there is no command that asks. So that
this is rare and known, everything that can fail is done before: the connection, the sender, the
recipient. Only then is the attempt claimed, which is the caller's transaction, and the message
follows at once. Nothing is sent again in here.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiosmtplib

from followup.domain.delivery.dead_addresses import address_is_dead
from followup.domain.delivery.outcome import Fate, Outcome
from kakehashi_common.mail.server import answered, enhanced_status, smtp_client
from kakehashi_common.mail.settings import MailSettings

Claim = Callable[[], Awaitable[Outcome | None]]
"""Decides in a transaction whether the mail may go and records that it is going; an outcome
withholds it."""

_IDLE_SECONDS: Final = 60.0
"""Less than the least that servers wait (RFC 5321, 4.5.3.2.7: five minutes)."""
_MAILS_OF_A_CONNECTION: Final = 100
"""Postfix's own limit; others answer 421 to more."""
_ANSWER_SECONDS: Final = 600.0
"""RFC 5321, 4.5.3.2.6: a client that waits less than ten minutes makes duplicates."""
_GREYLISTED: Final = re.compile(r"gr[ea]y[- ]?list", re.IGNORECASE)


@dataclass(eq=False)
class _Connection:
    server: aiosmtplib.SMTP
    used: int = 0
    idle_since: float = 0.0


class Mailer:
    """Hands mails over, on connections that it keeps open.

    Args:
        settings: of the mail server; its ``sender`` is the envelope's of mails that have none of
            their own.
        connections: at most, at a time.
        answer_seconds: to wait for the answer to a message.
    """

    def __init__(
        self,
        settings: MailSettings,
        *,
        connections: int = 4,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._settings = settings
        self._answer_seconds = answer_seconds
        self._free = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    async def send(
        self, recipient: str, message: bytes, claim: Claim, *, envelope_sender: str | None = None
    ) -> Outcome:
        """Hand over one mail, once.

        Args:
            recipient: the envelope's.
            message: composed and signed.
            claim: called when the server has taken sender and recipient.
            envelope_sender: to which its bounces come; absent: that of the settings.

        Raises:
            Exception: whatever ``claim`` raises; the message wasn't handed over.
        """
        if self._settings.host is None:
            return Outcome(Fate.DEFERRED, "no mail server is set up: give its host")
        async with self._free:
            try:
                connection = await self._begun(envelope_sender or self._settings.sender or "")
            except aiosmtplib.SMTPResponseException as error:  # a setting's fault, not the mail's
                return Outcome(Fate.DEFERRED, answered(error.code, error.message), error.code)
            except (aiosmtplib.SMTPException, OSError) as error:
                return _unreached(error)
            async with self._released(connection):
                return await self._handed_over(connection, recipient, message, claim)

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await _quit(self._idle.pop())

    async def _begun(self, sender: str) -> _Connection:
        """Return a connection on which the server has taken the sender."""
        while self._idle:
            connection = self._idle.pop()
            is_fresh = self._now() - connection.idle_since < _IDLE_SECONDS
            if not is_fresh or connection.used >= _MAILS_OF_A_CONNECTION:
                await _quit(connection)
                continue
            try:
                await connection.server.mail(sender)
            except (aiosmtplib.SMTPException, OSError):  # closed since: nothing was handed over
                connection.server.close()
            else:
                return connection
        connection = _Connection(smtp_client(self._settings))
        try:
            await connection.server.connect()
            await connection.server.mail(sender)
        except BaseException:
            connection.server.close()
            raise
        return connection

    async def _handed_over(
        self, connection: _Connection, recipient: str, message: bytes, claim: Claim
    ) -> Outcome:
        server = connection.server
        stopped = await _recipient_refused(server, recipient) or await claim()
        if stopped is not None:
            await _reset(server)
            return stopped
        if not server.is_connected:  # lost while the claim was written: DATA never went
            return Outcome(Fate.DEFERRED, "the mail server closed the connection")
        try:
            connection.used += 1
            answer = await server.data(message, timeout=self._answer_seconds)
        except aiosmtplib.SMTPDataError as error:
            return _refused(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            server.close()
            return Outcome(Fate.UNKNOWN, f"no answer to the message came: {type(error).__name__}")
        return Outcome(
            Fate.ACCEPTED,
            answered(answer.code, answer.message),
            answer.code,
            enhanced_status(answer.message),
        )

    @asynccontextmanager
    async def _released(self, connection: _Connection) -> AsyncIterator[None]:
        """Keep the connection for the next mail, unless this one was broken off."""
        try:
            yield
        except BaseException:  # cancelled too: the conversation stands anywhere
            connection.server.close()
            raise
        if connection.server.is_connected:
            connection.idle_since = self._now()
            self._idle.append(connection)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _recipient_refused(server: aiosmtplib.SMTP, recipient: str) -> Outcome | None:
    try:
        await server.rcpt(recipient)
    except aiosmtplib.SMTPResponseException as error:
        return _refused(error.code, error.message, is_recipient=True)
    except (aiosmtplib.SMTPException, OSError) as error:
        return _unreached(error)
    return None


async def _quit(connection: _Connection) -> None:
    try:
        await connection.server.quit()
    except (aiosmtplib.SMTPException, OSError):
        connection.server.close()


async def _reset(server: aiosmtplib.SMTP) -> None:
    """Reset the connection for the next mail, or close it."""
    try:
        await server.rset()
    except (aiosmtplib.SMTPException, OSError):
        server.close()


def _refused(code: int, message: str, *, is_recipient: bool = False) -> Outcome:
    """Return what an answer other than 250 to a recipient or a message means."""
    status = enhanced_status(message)
    fate = _fate(code)
    if is_recipient and fate is not Fate.REJECTED:
        fate = Fate.DEFERRED  # whatever it is, no message followed
    return Outcome(
        fate,
        answered(code, message),
        code,
        status,
        is_greylisted=fate is Fate.DEFERRED and _GREYLISTED.search(message) is not None,
        concerns_recipient=(
            is_recipient and fate is Fate.REJECTED and address_is_dead(status, message)
        ),
    )


def _fate(code: int) -> Fate:
    match code // 100:
        case 2:
            return Fate.ACCEPTED
        case 4:
            return Fate.DEFERRED
        case 5:
            return Fate.REJECTED
        case _:  # no SMTP
            return Fate.UNKNOWN


def _unreached(error: Exception) -> Outcome:
    return Outcome(Fate.DEFERRED, f"the mail server can't be reached: {type(error).__name__}")
