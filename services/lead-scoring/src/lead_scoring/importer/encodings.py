"""Text in the encoding that the mapping names, and which encoding it may be in instead.

Bytes that are no text become lone surrogates, so that only their row suffers and the bytes can
still be looked at: Shift_JIS files with 髙 or ① are cp932, as is what Excel saves in Japan.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import BinaryIO, Final, cast

from kakehashi_common.contracts.texts import visible

GZIP_MAGIC: Final = b"\x1f\x8b"

_KEEP_BYTES: Final = "keep_bytes"
_HEAD_BYTES: Final = 65_536
_ENCODINGS: Final = ("utf-8-sig", "cp932", "utf-16", "euc_jp", "iso2022_jp")
_READ_ANYTHING: Final = frozenset(
    {"cp932", "shift_jis", "shift_jis_2004", "shift_jisx0213", "euc_jp"}
)
_DELIMITERS: Final = (",", "\t", ";")
_NO_TEXT = re.compile("[\ud800-\udfff]")
_SHOWN = 20


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in lost), error.end


codecs.register_error(_KEEP_BYTES, _keep_bytes)


def open_text(binary: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return ``binary``, gzip or not, as text with its line ends as they are."""
    magic = binary.read(2)
    binary.seek(0)
    stream = gzip.GzipFile(fileobj=binary) if magic == GZIP_MAGIC else binary
    return io.TextIOWrapper(
        cast("BinaryIO", stream), encoding=encoding, errors=_KEEP_BYTES, newline=""
    )


def is_undecodable(value: str) -> bool:
    """Whether ``value`` holds bytes that are not text in the file's encoding."""
    return _NO_TEXT.search(value) is not None


def shown(value: str) -> str:
    """Return ``value`` so that it can be printed and written."""
    return visible(_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", value))


def remedy_for_cell(value: str, encoding: str) -> str:
    """Return what to do about a value that `is_undecodable`, as the end of a sentence."""
    try:
        raw = value.encode(encoding.removesuffix("-sig"), "surrogateescape")
    except UnicodeError:
        raw = b""
    for other in _others(encoding):
        try:
            text = "" if other == "utf-16" else raw.decode(other)  # any bytes would do for utf-16
        except UnicodeError:
            continue
        if text and "".join(text.split()).isprintable():
            return (
                f"; as {other} they read {text[:_SHOWN]!r}: write encoding: {other} in the mapping"
            )
    return "; name the file's encoding in the mapping (cp932 for what Excel saves in Japan)"


def remedy_for_header(path: Path, encoding: str, delimiter: str, columns: AbstractSet[str]) -> str:
    """Return what would make ``path`` have all ``columns``, as the end of a sentence."""
    head = _head(path)
    for other in (encoding, *_others(encoding)):
        for sign in dict.fromkeys((delimiter, *_DELIMITERS)):
            if columns <= _header(head, other, sign):
                settings = [f"encoding: {other}"] if other != encoding else []
                settings += [f'delimiter: "{_written(sign)}"'] if sign != delimiter else []
                return f"; it has them when the mapping says {' and '.join(settings)}"
    return (
        f"; it was read as {encoding} with the delimiter {delimiter!r}: name another encoding or"
        " delimiter in the mapping if that is not what it is (Excel in Japan saves CSV as cp932)"
    )


def is_utf_8_instead(path: Path, encoding: str) -> bool:
    """Whether ``path`` is plainly UTF-8, although ``encoding`` is another that can read any of it.

    Read as cp932, Japanese in UTF-8 gives other characters, not mistakes. Japanese in another
    encoding is hardly ever valid UTF-8.
    """
    if codecs.lookup(encoding).name not in _READ_ANYTHING:
        return False
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(_head(path))
    except (UnicodeError, OSError, EOFError, zlib.error):
        return False
    return any(char >= "\u0800" for char in text)  # three bytes: kana, kanji


def _head(path: Path) -> bytes:
    with path.open("rb") as binary:
        head = binary.read(_HEAD_BYTES)
        if not head.startswith(GZIP_MAGIC):
            return head
        binary.seek(0)
        return gzip.GzipFile(fileobj=binary).read(_HEAD_BYTES)


def _others(encoding: str) -> list[str]:
    """Return the encodings to try instead; one that only ignores a byte order mark is no other."""
    known = codecs.lookup(encoding).name.removesuffix("-sig")
    return [each for each in _ENCODINGS if codecs.lookup(each).name.removesuffix("-sig") != known]


def _header(head: bytes, encoding: str, delimiter: str) -> frozenset[str]:
    """Return the names in the first record of ``head``; none if it can't be read so."""
    try:
        # The head may end within a character.
        text = codecs.getincrementaldecoder(encoding)().decode(head)
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except (UnicodeError, csv.Error):
        return frozenset()
    return frozenset(cell.strip().removeprefix("\ufeff") for cell in cells)


def _written(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter
