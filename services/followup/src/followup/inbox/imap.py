"""Mails out of an IMAP mailbox, each handled at least once; none is changed there or deleted.

How far a mailbox was read is kept in the database, as the UID of the last mail that was handled and
the folder's UIDVALIDITY (RFC 9051, 2.3.1.1): where that changes, the folder is read from its
beginning, and what was kept before is known by its digest.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from followup.domain.inbox.mail import UnreadableMailError
from followup.inbox.maildir import ArrivedMail
from followup.inbox.reading import MAX_BYTES
from followup.settings import ImapSettings
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)

_SIZE: Final = b"RFC822.SIZE"
_BODY: Final = b"BODY[]"
_ARRIVED: Final = b"INTERNALDATE"

_Answer = TypeVar("_Answer")

Handle = Callable[[ArrivedMail], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    uid_validity: int
    last_uid: int


class ImapMailbox:
    """One folder of a mailbox. Run it as a component of a process.

    Args:
        database: where it is kept how far the folder was read.
        settings: of the server and the folder.
        handle: takes one mail.
    """

    def __init__(self, database: Database, settings: ImapSettings, handle: Handle) -> None:
        self._database = database
        self._settings = settings
        self._handle = handle
        self._mailbox = f"{settings.username}@{settings.host}/{settings.folder}"

    async def run(self, stop: asyncio.Event) -> None:
        """Take mails until ``stop`` is set."""
        every = timedelta(seconds=self._settings.poll_seconds)
        await poll(stop, self.take, "mails of the IMAP mailbox wait", every=every)

    async def take(self) -> int:
        """Take what has arrived, the oldest first, and return how many mails were handled.

        A mail that can't be read is left where it is, for a person, and named in the log.

        Raises:
            TransientError: the server or the database is unavailable, or refuses us.
        """
        handled = 0
        async with self._opened() as client:
            checkpoint = await self._checkpoint(await _asked(self._select, client))
            for uid in await _asked(_uids_after, client, checkpoint.last_uid):
                try:
                    mail = await _asked(_fetch, client, uid)
                    if mail is not None:
                        await self._handle(mail)
                        handled += 1
                        if self._settings.delete_taken:
                            await _asked(_delete, client, uid)
                except UnreadableMailError as error:
                    log.warning("mail set aside", uid=uid, code=error.code)
                await self._advance(_Checkpoint(checkpoint.uid_validity, uid))
        return handled

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[IMAPClient]:
        client = await _asked(partial(_connect, self._settings))
        try:
            yield client
        finally:
            await asyncio.to_thread(_close, client)

    def _select(self, client: IMAPClient) -> int:
        readonly = not self._settings.delete_taken
        selected = client.select_folder(self._settings.folder, readonly=readonly)
        return int(selected[b"UIDVALIDITY"])

    async def _checkpoint(self, uid_validity: int) -> _Checkpoint:
        async with self._database.raw_transaction() as connection:
            last_uid = await connection.fetchval(
                "select last_uid from imap_checkpoint where mailbox = $1 and uid_validity = $2",
                self._mailbox,
                uid_validity,
            )
        return _Checkpoint(uid_validity, last_uid or 0)

    async def _advance(self, to: _Checkpoint) -> None:
        async with self._database.raw_transaction() as connection:
            await connection.execute(
                "insert into imap_checkpoint as known (mailbox, uid_validity, last_uid) "
                "values ($1, $2, $3) on conflict (mailbox) do update "
                "set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid "
                "where known.uid_validity <> excluded.uid_validity "
                "or known.last_uid < excluded.last_uid",
                self._mailbox,
                to.uid_validity,
                to.last_uid,
            )


def _connect(settings: ImapSettings) -> IMAPClient:
    file = settings.ssl_ca_file
    context = ssl.create_default_context(cafile=None if file is None else str(file))
    client = IMAPClient(
        settings.host,
        port=settings.port,
        ssl=settings.security == "tls",
        ssl_context=context,
        timeout=settings.timeout_seconds,
    )
    client.normalise_times = False  # INTERNALDATE keeps its offset
    password = settings.password
    try:
        if settings.security == "starttls":
            client.starttls(context)
        client.login(settings.username, "" if password is None else password.get_secret_value())
    except BaseException:
        client.shutdown()
        raise
    return client


def _close(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        client.shutdown()


def _uids_after(client: IMAPClient, last_uid: int) -> list[int]:
    """Return the UIDs behind one; ``*`` names the last mail also if it is older than that."""
    found = client.search(["UID", f"{last_uid + 1}:*"])
    return sorted(int(uid) for uid in found if uid > last_uid)


def _fetch(client: IMAPClient, uid: int) -> ArrivedMail | None:
    """Return a mail; ``None``: somebody has deleted it since it was found."""
    size = client.fetch([uid], [_SIZE]).get(uid, {}).get(_SIZE)
    if size is None:
        return None
    if size > MAX_BYTES:
        raise UnreadableMailError(
            f"it has {size:,} bytes; the most that is read is {MAX_BYTES:,}", code="too_large"
        )
    found = client.fetch([uid], ["BODY.PEEK[]", _ARRIVED]).get(uid, {})
    data, arrived = found.get(_BODY), found.get(_ARRIVED)
    return None if data is None or arrived is None else ArrivedMail.of(data, arrived)


def _delete(client: IMAPClient, uid: int) -> None:
    """Delete one mail; a server without UIDPLUS (RFC 4315) only marks it."""
    client.delete_messages([uid])
    if client.has_capability("UIDPLUS"):
        client.expunge([uid])


async def _asked(ask: Callable[..., _Answer], *arguments: object) -> _Answer:
    """Ask the server in a thread: the client blocks."""
    with _server_errors():
        return await asyncio.to_thread(ask, *arguments)


@contextmanager
def _server_errors() -> Iterator[None]:
    try:
        yield
    except (IMAPClientError, OSError) as error:
        raise TransientError(f"the IMAP server: {type(error).__name__}") from error
