"""Mails out of a maildir, each handled at least once and none lost.

A mail server puts each mail into ``new`` by one rename. It stays there until it has been handled
and is renamed into ``cur``; a process that dies in between handles it again, so that what handles a
mail must know it by its digest. A mail that can't be read goes to the folder ``.SetAside`` as it
is, for a person, and so does what is no file. A file that may not be read stays in ``new``.
"""

import asyncio
import errno
import os
import re
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from followup.domain.inbox.mail import UnreadableMailError
from followup.inbox.reading import MAX_BYTES
from kakehashi_common.errors import TransientError

_SEEN: Final = ":2,S"
_WRITTEN: Final = re.compile(
    rb"^(?:message-id|from|date|subject):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
_SET_ASIDE: Final = ".SetAside"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ArrivedMail:
    """A mail as it came.

    Args:
        digest: of what its sender wrote (SHA-256): the same mail has the same one by whatever way
            it comes, however its lines end and whatever mail servers have put above it. These are
            its Message-ID, sender, date, subject and body; all of it where it has no Message-ID.
    """

    data: bytes
    digest: str
    received_at: datetime

    @classmethod
    def of(cls, data: bytes, received_at: datetime) -> "ArrivedMail":
        """Return a mail of these bytes."""
        lines = data.replace(b"\r\n", b"\n")
        head, _, body = lines.partition(b"\n\n")
        written = sorted(_WRITTEN.findall(head))
        if any(each[:1] in b"Mm" for each in written):
            lines = b"\n".join([*written, body])
        return cls(data, sha256(lines.rstrip(b"\n")).hexdigest(), received_at)


class Maildir:
    """A maildir that a mail server delivers to.

    Args:
        path: of the directory with ``new``, ``cur`` and ``tmp``; made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        for folder in (path, path / _SET_ASIDE):
            for name in ("new", "cur", "tmp"):
                (folder / name).mkdir(parents=True, exist_ok=True)

    async def take(self, handle: Callable[[ArrivedMail], Awaitable[object]]) -> int:
        """Hand over what has arrived, the oldest first, and return how many were handled.

        An `UnreadableMailError` of ``handle`` sets the mail aside; any other error leaves it and
        those after it for the next call.

        Raises:
            TransientError: the directory can't be used, or the system doesn't let a file be read
                or moved; the other files were taken.
        """
        handled, trouble = 0, None
        for file in await asyncio.to_thread(self._arrived):
            to = self._path / "cur" / f"{file.name}{_SEEN}"
            try:
                mail = await asyncio.to_thread(_read, file)
            except FileNotFoundError:  # another process has taken it
                continue
            except UnreadableMailError as error:
                to = self._aside(file, error)
            except OSError as error:
                trouble = trouble or _unusable(file, error)
                continue
            else:
                try:
                    await handle(mail)
                    handled += 1
                except UnreadableMailError as error:
                    to = self._aside(file, error)
            try:
                _move(file, to)
            except OSError as error:
                trouble = trouble or _unusable(file, error)
        if trouble is not None:
            raise trouble
        return handled

    def _aside(self, file: Path, error: UnreadableMailError) -> Path:
        logger.warning("mail set aside", file=file.name, code=error.code)
        return self._path / _SET_ASIDE / "new" / file.name

    def _arrived(self) -> list[Path]:
        new = self._path / "new"
        try:
            files = [each for each in new.iterdir() if not each.name.startswith(".")]
        except OSError as error:
            raise _unusable(new, error) from error
        return sorted(files, key=lambda each: each.name)


def _read(file: Path) -> ArrivedMail:
    """Read a file, and nothing else: opening a pipe would wait for whoever writes into it."""
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:  # a symbolic link, a socket
            raise _no_file() from error
        raise
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise _no_file()
        if status.st_size > MAX_BYTES:
            raise UnreadableMailError(
                f"it has {status.st_size:,} bytes; the most that is read is {MAX_BYTES:,}",
                code="too_large",
            )
        with open(opened, "rb", closefd=False) as reading:
            data = reading.read()
    finally:
        os.close(opened)
    return ArrivedMail.of(data, datetime.fromtimestamp(status.st_mtime, UTC))


def _no_file() -> UnreadableMailError:
    return UnreadableMailError("it is no file that a mail server put there", code="no_file")


def _unusable(path: Path, error: OSError) -> TransientError:
    return TransientError(f"the maildir can't be used: {path.name}: {error.strerror}")


def _move(file: Path, to: Path) -> None:
    try:
        file.rename(to)
    except FileNotFoundError:  # another process has moved it
        return
