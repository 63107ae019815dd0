"""Mails out of a maildir, each handled at least once and none lost.

A mail server puts each mail into ``new`` by one rename. It stays there until it has been handled
and is renamed into ``cur``; a process that dies in between handles it again, so that what handles a
mail must know it by its digest. A mail that can't be read goes to the folder ``.SetAside`` as it
is, for a person.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from followup.domain.inbox.mail import UnreadableMailError
from followup.inbox.reading import MAX_BYTES

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
        """
        handled = 0
        for file in await asyncio.to_thread(self._arrived):
            try:
                mail = await asyncio.to_thread(_read, file)
                await handle(mail)
            except FileNotFoundError:  # another process has taken it
                continue
            except UnreadableMailError as error:
                logger.warning("mail set aside", file=file.name, code=error.code)
                _move(file, self._path / _SET_ASIDE / "new" / file.name)
            else:
                _move(file, self._path / "cur" / f"{file.name}{_SEEN}")
                handled += 1
        return handled

    def _arrived(self) -> list[Path]:
        files = [each for each in (self._path / "new").iterdir() if not each.name.startswith(".")]
        return sorted(files, key=lambda each: each.name)


def _read(file: Path) -> ArrivedMail:
    status = file.stat()
    if status.st_size > MAX_BYTES:
        raise UnreadableMailError(
            f"it has {status.st_size:,} bytes; the most that is read is {MAX_BYTES:,}",
            code="too_large",
        )
    data = file.read_bytes()
    received_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return ArrivedMail.of(data, received_at)


def _move(file: Path, to: Path) -> None:
    try:
        file.rename(to)
    except FileNotFoundError:  # another process has moved it
        return
