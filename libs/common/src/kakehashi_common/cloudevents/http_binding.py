"""CloudEvents in HTTP headers: how an attribute's value is written there.

Source: CloudEvents 1.0.2, HTTP protocol binding, section 3.1.3.2.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from kakehashi_common.cloudevents.errors import (
    InvalidAttributeError,
    RejectedEventError,
    combined,
    shown_name,
)

PREFIX: Final = "ce-"

_QUOTED: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_NO_PERCENT_CODE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def attributes_in(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the attributes that the ``ce-`` headers of a request carry.

    Raises:
        InvalidAttributeError: one is given twice, or is not written as the binding says; every
            such header is named.
    """
    attributes: dict[str, str] = {}
    problems: list[RejectedEventError] = []
    for raw_name, raw in headers:
        header = raw_name.decode("latin-1").lower()
        if not header.startswith(PREFIX):
            continue
        name = header.removeprefix(PREFIX)
        if name in attributes:
            problems.append(
                _refused(name, "is given twice: send it once, since nobody knows which counts")
            )
            continue
        try:
            attributes[name] = decode_value(raw)
        except ValueError as error:
            attributes[name] = ""
            problems.append(_refused(name, str(error)))
    if problems:
        raise combined(problems)
    return attributes


def decode_value(raw: bytes) -> str:
    """Return the text that a header's value stands for.

    A quoted string is unquoted first, then one round of percent-decoding follows; both are UTF-8.
    Bytes beyond ASCII, which should have been percent-encoded, are read as UTF-8 too, so that an
    event is the same however it is written.

    Raises:
        ValueError: with the reason, to be read behind the header's name.
    """
    value = raw.strip(b" \t")
    if value.startswith(b'"'):
        if _QUOTED.fullmatch(value) is None:
            raise ValueError('starts with a double quote that nothing closes: write it as "%22"')
        value = _ESCAPED.sub(rb"\1", value[1:-1])
    elif b'"' in value:
        raise ValueError('holds a double quote: write it as "%22"')
    if _NO_PERCENT_CODE.search(value):
        raise ValueError('holds a "%" without two hexadecimal digits: write it as "%25"')
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"is not UTF-8 (byte {error.start}): percent-encode the bytes of its UTF-8"
        ) from None


def _refused(name: str, reason: str) -> InvalidAttributeError:
    return InvalidAttributeError(f"header ce-{shown_name(name)} {reason}", field=f"/{name}")
