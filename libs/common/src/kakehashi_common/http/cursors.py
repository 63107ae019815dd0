"""Cursor pagination: pages that stay right while rows come and go.

A cursor is opaque to callers: the sort key of the last row they saw, with a check sum over it and
the list's name, so that a cursor of another list, or one typed by hand, is refused by name. The
check sum is no secret, so whoever takes the trouble can make one up: the key is validated like
everything else that a caller sends.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from kakehashi_common.contracts.texts import forbidden_character
from kakehashi_common.errors import BadRequestError

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K")

Key = tuple[str | int | float | bool | None, ...]
"""The values a list is sorted by, the last of which is unique."""

_CHECK_BYTES = 6
_BIGGEST_INT = 2**63 - 1
"""A ``bigint``. Where a column is narrower, the type of the key says so."""


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; absent on the last one"
    )


def encode_cursor(list_name: str, key: Key) -> str:
    """Return the cursor that continues ``list_name`` after the row with ``key``."""
    payload = json.dumps(key, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(list_name, payload) + payload).decode().rstrip("=")


def decode_cursor(list_name: str, cursor: str | None, key: TypeAdapter[K]) -> K | None:
    """Return the sort key that ``cursor`` continues after; ``None`` for the first page.

    ``key`` says what a key of this list is: a tuple of as many values, in their ranges.

    Raises:
        BadRequestError: it is no cursor of ``list_name`` (``invalid_cursor``).
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None
    check, payload = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    if check != _check(list_name, payload):
        raise _invalid()
    try:
        found = key.validate_json(payload, strict=True)
    except ValidationError:
        raise _invalid() from None
    if not _can_be_stored(found):
        raise _invalid()
    return found


def page(
    list_name: str, rows: Sequence[R], limit: int, key: Callable[[R], Key]
) -> tuple[Sequence[R], str | None]:
    """Return the rows of a page and the next page's cursor.

    ``rows`` are up to ``limit + 1`` rows in order: the one too many says that there is more.
    """
    shown = rows[:limit]
    more = len(rows) > limit
    return shown, encode_cursor(list_name, key(shown[-1])) if more else None


def _can_be_stored(value: object) -> bool:
    """Whether PostgreSQL takes a key as an argument, whatever its type here allows."""
    match value:
        case tuple():
            return all(_can_be_stored(part) for part in value)
        case str():
            return forbidden_character(value) is None
        case int():
            return abs(value) <= _BIGGEST_INT
    return True


def _check(list_name: str, payload: bytes) -> bytes:
    content = b"%s\0%s" % (list_name.encode(), payload)
    return hashlib.blake2s(content, digest_size=_CHECK_BYTES, person=b"cursor").digest()


def _invalid() -> BadRequestError:
    return BadRequestError(
        "this is no cursor of this list; pass next_cursor as it came, or none for the first page",
        code="invalid_cursor",
        field="cursor",
    )
