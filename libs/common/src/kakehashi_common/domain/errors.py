"""The error of the domain: it names the field and the fix."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FORBIDDEN: Final = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
    "|\r(?!\n)"  # a line may end in CR LF; a CR by itself lets a terminal write over a line
)
"""A pattern of the characters that no text may hold."""

_NO_TEXT: Final = re.compile(FORBIDDEN)


class DomainError(ValueError):
    """The request contradicts a rule of the domain; nothing has changed.

    Args:
        message: what is wrong and what would be right, in one plain sentence.
        field: the name of the input at fault, as the caller knows it; with slashes within a list.
        code: stable, for programs; snake_case.
    """

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class StateConflictError(DomainError):
    """The request is valid, but not in the present state: a program may try again later."""


@contextmanager
def errors_within(place: str) -> Iterator[None]:
    """Name the field of the block's errors within ``place``, such as ``sessions/3``."""
    try:
        yield
    except DomainError as error:
        field = place if error.field is None else f"{place}/{error.field}"
        raise type(error)(error.message, field=field, code=error.code) from error


def require_source(source: str) -> None:
    """Refuse an input that names no source.

    Raises:
        DomainError: ``source`` is empty (``reason_missing``).
    """
    if not source.strip():
        raise DomainError("say where it was published", field="source", code="reason_missing")


def require_text(text: str, field: str) -> str:
    """``text`` if it can be written and stored.

    Raises:
        DomainError: it holds a control character but tab and line ends, U+FFFE, U+FFFF or half of
            a surrogate pair (``not_text``).
    """
    if found := _NO_TEXT.search(text):
        raise DomainError(
            f"{field} holds the character U+{ord(found[0]):04X}, which is no text: remove it",
            field=field,
            code="not_text",
        )
    return text
