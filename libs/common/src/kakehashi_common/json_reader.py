"""Reading JSON that others wrote: bounded before it is parsed, and of text that can be stored.

A few megabytes of brackets or names cost a hundred times their size in memory, and seconds of a
blocked process once each of them is a mistake to be reported. So depth and number of values are
counted in the bytes, before anything is made of them.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kakehashi_common.contracts.texts import find_forbidden, json_may_hold_forbidden
from kakehashi_common.errors import BadRequestError, PermanentError

_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_OTHERS: Final = re.compile(rb"[^][{}]+")
_HARMLESS: Final = bytes(set(range(256)) - set(b"[{\\\x7f\xc2\xef"))
"""Bytes that neither open anything nor may belong to a character that no text may hold."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a document's structure."""

    values: int
    """Values in all of it, those of names and of lists, and the lists and objects themselves."""
    depth: int = 32
    """Lists and objects within each other."""


class MalformedJsonError(BadRequestError):
    """The bytes are not JSON in UTF-8."""

    code = "malformed_json"


class TooComplexError(PermanentError):
    """The JSON has more structure than anybody needs."""

    code = "too_complex"


class DuplicateNameError(PermanentError):
    """An object has a name twice, and readers differ in which counts (RFC 8259, section 4)."""

    code = "duplicate_name"


class NotTextError(PermanentError):
    """A text or a name holds a character that no text may hold."""

    code = "not_text"

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message, field=json_pointer(path) or "/")
        self.path = path


def check_size(raw: bytes, limits: Limits) -> None:
    """Return if ``raw`` stays within ``limits``, whether or not it is JSON.

    Raises:
        TooComplexError: it nests too deeply or has too many values.
    """
    opened = raw.count(b"{") + raw.count(b"[")
    if opened <= limits.depth and raw.count(b",") + opened < limits.values:
        return
    # Texts hold brackets and commas too: count again without them.
    bare = _STRINGS.sub(b"", raw)
    values = bare.count(b",") + bare.count(b"{") + bare.count(b"[")
    if values > limits.values:
        raise TooComplexError(
            f"the JSON has {values:,} values, more than the {limits.values:,} that are accepted: "
            "send it in parts, or a link to large content instead of the content"
        )
    depth = 0
    for bracket in _OTHERS.sub(b"", bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > limits.depth:
            raise TooComplexError(
                f"the JSON nests more than {limits.depth} lists and objects: make it flatter"
            )


def needs_no_check(raw: bytes, limits: Limits) -> bool:
    """Whether :func:`check_size` and :func:`check_texts` have nothing to refuse in ``raw``.

    ``True`` is sure. ``False`` says nothing: then they have to look. One pass over the bytes tells
    it of most small documents, for where every microsecond counts.
    """
    if len(raw) > limits.values:  # no value is shorter than a byte
        return False
    left = raw.translate(None, _HARMLESS)
    return len(left) <= limits.depth and not left.strip(b"[{")


def read_json(raw: bytes, limits: Limits) -> Any:
    """Return what ``raw`` says.

    Raises:
        TooComplexError: see :func:`check_size`.
        MalformedJsonError: it is not JSON in UTF-8, or holds a number that no computer holds.
        DuplicateNameError: an object has a name twice.
    """
    check_size(raw, limits)
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise MalformedJsonError(
            f"the body is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except UnicodeDecodeError as error:
        raise MalformedJsonError(
            f"the body is not JSON: it is not UTF-8 (byte {error.start})"
        ) from None
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError(f"the body is not JSON: {error}") from None


def check_texts(raw: bytes, value: object) -> None:
    """Return if every text and name in ``value``, which ``raw`` says, may be stored and shown.

    Raises:
        NotTextError: one holds what no text may hold, such as half of a surrogate pair.
    """
    if json_may_hold_forbidden(raw) and (found := find_forbidden(value)) is not None:
        path, character = found
        raise NotTextError(
            f"it holds {character}, a character that no text may hold: remove it", path
        )


def json_pointer(path: Iterable[object]) -> str:
    """Return the JSON Pointer (RFC 6901) to a value; the whole document's is empty."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = repr(twice if len(twice) <= 80 else f"{twice[:80]}…")  # noqa: PLR2004
        raise DuplicateNameError(f"an object has the name {shown} more than once: give it once")
    return made


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON has")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is beyond every number that JSON readers hold")
    return number
