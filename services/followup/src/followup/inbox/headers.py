"""Headers of mails as text: encoded words, raw bytes, addresses, dates, parameters."""

import re
from binascii import Error as BinasciiError
from collections.abc import Iterator
from datetime import UTC, datetime
from email.base64mime import decode as decode_base64
from email.message import Message
from email.policy import Compat32
from email.quoprimime import header_decode
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final, cast

from followup.domain.inbox.mail import Mailbox
from followup.inbox.charsets import decode

_ENCODED_WORD: Final = re.compile(
    r"=\?(?P<charset>[^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?(?P<how>[bBqQ])\?(?P<text>[^?]*)\?="
)
"""RFC 2047 with a language (RFC 2231), and with line breaks inside of the word, which some make."""
_IN_PIECES: Final = re.compile(r";[^;=*]{0,100}\*\d{1,3}\*?[ \t]*=[^;]*")
"""A parameter of RFC 2231 that continues another one."""
_FOLD: Final = re.compile(r"\r?\n[ \t]*|\r")
_UNPRINTABLE: Final = r"\s\x00-\x1f\x7f-\x9f\ud800-\udfff"
_MESSAGE_ID: Final = re.compile(rf"<[^<>@{_UNPRINTABLE}]{{1,250}}@[^<>{_UNPRINTABLE}]{{1,250}}>")
_SIGN: Final = rf"[^<>@,;:\"(){_UNPRINTABLE}]"
_ADDRESS: Final = re.compile(rf"(?<!{_SIGN}){_SIGN}{{1,64}}@{_SIGN}{{1,253}}")
_LONGEST: Final = 8_000
"""Characters of a header that are read; what is longer is no use to a person either."""
_MOST_IDS: Final = 50
_RECIPIENT_HEADERS: Final = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "to",
    "received",
)
"""In which mail servers note for whom a mail came, ``Received`` by its ``for``."""
_MOST_RECIPIENT_HEADERS: Final = 30
"""Of one name."""
_YEARS: Final = range(1990, 2100)


class RawHeaders(Compat32):
    """Headers as they came, bytes above 127 as surrogate escapes."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the name of email
        """Return the value, unparsed, and no more of it than is worth reading."""
        return value[:_LONGEST].strip()


class Part(Message):
    """A mail or one of its parts, whose parameters are read however they contradict each other."""

    def get_param(
        self,
        param: str,
        failobj: Any = None,
        header: str = "content-type",
        unquote: bool = True,  # noqa: FBT001, FBT002 - the signature of email
    ) -> Any:
        """Return a parameter; without those in pieces where one is also given whole."""
        try:
            return super().get_param(param, failobj, header, unquote)
        except TypeError:  # the email package can't put name* and name*0 into an order
            whole = Message(self.policy)
            whole[header] = _IN_PIECES.sub("", self.get(header, ""))
            return whole.get_param(param, failobj, header, unquote)


def header(message: Message, name: str) -> str:
    """Return a header's text; empty where it is missing."""
    return decoded(raw(message, name))


def raw(message: Message, name: str) -> str:
    """Return a header as it came, unfolded."""
    value = cast("str", message.get(name, ""))
    return _FOLD.sub(" ", value).strip()


def decoded(value: str) -> str:
    """Return the text of a header's value.

    Words of one charset in a row are one text: many programs cut a character in two.
    """
    pieces: list[str] = []
    waiting: list[tuple[str, bytes]] = []
    position = 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[position : word.start()]
        if between.strip() or not waiting:
            pieces += [*_words(waiting), _as_sent(between)]
            waiting = []
        waiting.append((word["charset"].lower(), _word_bytes(word["how"], word["text"])))
        position = word.end()
    pieces += [*_words(waiting), _as_sent(value[position:])]
    return _printable("".join(pieces))


def mailboxes(message: Message, name: str) -> tuple[Mailbox, ...]:
    """Return the addresses of a header, those that are any."""
    # Raw bytes first: ISO-2022-JP holds quotation marks and commas that are none.
    pairs = getaddresses([_as_sent(raw(message, name))])
    return tuple(
        Mailbox(address.strip().lower(), decoded(shown).strip())
        for shown, address in pairs
        if _ADDRESS.fullmatch(address.strip())
    )


def delivered_to(message: Message) -> tuple[str, ...]:
    """Return the addresses for which a mail came, as far as headers say so.

    Any number of servers may have put theirs above it. Whoever writes a mail may write them, too.
    """
    found = [
        address
        for name in _RECIPIENT_HEADERS
        for value in message.get_all(name, [])[:_MOST_RECIPIENT_HEADERS]
        for address in addresses_in(_as_sent(value[:_LONGEST]))
    ]
    return tuple(dict.fromkeys(found))


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the addresses that stand in a text, in lower case, each once."""
    found = (each.strip(".'").lower() for each in _ADDRESS.findall(text))
    return tuple(dict.fromkeys(found))


def message_ids(message: Message, name: str) -> tuple[str, ...]:
    """Return the Message-IDs of a header with their angle brackets, the last ones if many."""
    return tuple(_MESSAGE_ID.findall(_as_sent(raw(message, name))))[-_MOST_IDS:]


def sent_at(message: Message) -> datetime | None:
    """Return the instant of ``Date``; ``None`` where it is missing or can't be true."""
    try:
        found = parsedate_to_datetime(raw(message, "date"))
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at if at.year in _YEARS else None


def file_name(part: Message) -> str | None:
    """Return an attachment's name: RFC 2231, RFC 2047 in quotation marks, or raw bytes."""
    for name, of in (("filename", "content-disposition"), ("name", "content-type")):
        found: Any = part.get_param(name, None, of)
        if isinstance(found, tuple):
            charset, _, value = found
            return _printable(decode(_escaped_bytes(value), charset))
        if found:
            return decoded(_FOLD.sub("", str(found)))
    return None


def _words(waiting: list[tuple[str, bytes]]) -> Iterator[str]:
    while waiting:
        charset = waiting[0][0]
        count = next(
            (at for at, (other, _) in enumerate(waiting) if other != charset), len(waiting)
        )
        yield decode(b"".join(data for _, data in waiting[:count]), charset)
        waiting = waiting[count:]


def _word_bytes(how: str, text: str) -> bytes:
    text = "".join(text.split())
    if how in "qQ":
        return header_decode(text).encode("latin-1", "replace")
    try:
        return decode_base64(text + "=" * (-len(text) % 4))
    except (BinasciiError, ValueError):
        return b"\xff"


def _as_sent(value: str) -> str:
    """Decode what stands in a header without being encoded."""
    return decode(value.encode("ascii", "surrogateescape")) if _is_raw(value) else value


def _is_raw(value: str) -> bool:
    return "\x1b" in value or any("\udc80" <= sign <= "\udcff" for sign in value)


def _escaped_bytes(value: str) -> bytes:
    return value.encode("latin-1", "surrogateescape") if value else b""


def _printable(text: str) -> str:
    """Return one line without control characters."""
    return "".join(sign for sign in _FOLD.sub(" ", text) if sign.isprintable()).strip()
