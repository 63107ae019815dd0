"""Errors of events: one class per kind of mistake, each with a sentence for a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from kakehashi_common.contracts.texts import visible
from kakehashi_common.errors import PermanentError
from kakehashi_common.json_reader import json_pointer

MAX_PROBLEMS: Final = 20
"""Mistakes that are listed of one event; the others are counted."""

_READ_AT_MOST: Final = 1_000
"""Errors of pydantic that are looked at; of more, only the number is given."""

_SHOWN_CHARACTERS = 80
_SHOULD_BE: Final = " should be "
_PROBLEMS_IN_A_SENTENCE = 3
"""Mistakes that one sentence lists; the count of the others follows."""

_POSITION_DIGITS: Final = 4
"""Digits of a position in a list; a longer number may be a telephone's."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
"""A name as programs have them. Another may be a person's, a number or an address."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an event."""

    pointer: str
    """JSON Pointer (RFC 6901) into the event in structured form, such as ``/data/kind``."""
    message: str
    """A sentence that names the field and, where it can, the fix."""
    code: str = "invalid_data"
    """The code of the error that only this mistake would be."""


class RejectedEventError(PermanentError):
    """The event can't be read, and never will be as it stands."""

    code = "rejected"

    def __init__(
        self, message: str, *, problems: Sequence[Problem] = (), more: int = 0, field: str = ""
    ) -> None:
        message = visible(message)
        super().__init__(message, field=field or (problems[0].pointer if problems else None))
        self.problems = tuple(problems) or (Problem(field, message, self.code),)
        """The first of them, at most :data:`MAX_PROBLEMS`."""
        self.more = more
        """The number of others."""


class TombstoneError(RejectedEventError):
    """The record has no value."""

    code = "tombstone"


class EventTooLargeError(RejectedEventError):
    """The record's value is larger than a consumer accepts."""

    code = "too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnreadableHeaderError(RejectedEventError):
    """A header is null or not UTF-8."""

    code = "unreadable_header"


class MissingAttributeError(RejectedEventError):
    """A CloudEvents attribute that we require is not there."""

    code = "missing_attribute"


class InvalidAttributeError(RejectedEventError):
    """A CloudEvents attribute breaks the specification."""

    code = "invalid_attribute"


class InvalidTimeError(RejectedEventError):
    """The time is no timestamp, has no time zone, or is years off."""

    code = "invalid_time"


class UnknownEventTypeError(RejectedEventError):
    """The type does not travel on this topic."""

    code = "unknown_event_type"


class TooComplexEventError(RejectedEventError):
    """The event has too many attributes or names, or is nested too deeply."""

    code = "too_complex"


class NotJsonError(RejectedEventError):
    """The bytes are not JSON."""

    code = "not_json"
    status = HTTPStatus.BAD_REQUEST


class InvalidDataError(RejectedEventError):
    """The data breaks its contract."""

    code = "invalid_data"


def invalid_data(error: ValidationError, data: object) -> InvalidDataError:
    """Return what is wrong with ``data``, one problem per field.

    Args:
        error: What pydantic found.
        data: The parsed JSON, which distinguishes a field's path from the name of a union's member.
    """
    if error.error_count() > _READ_AT_MOST:
        return InvalidDataError(
            f"data has {error.error_count():,} mistakes, too many to list: compare it with the "
            "schema of its type",
            field="/data",
        )
    found: dict[str, tuple[str, list[str]]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        path, at = _path(detail["loc"], data)
        pointer = data_pointer(path)
        if pointer not in found and len(found) >= MAX_PROBLEMS:
            found[pointer] = ("", [])  # is counted only
            continue
        name = ".".join(["data", *map(shown_name, path)])
        _, messages = found.setdefault(pointer, (name, []))
        messages.append(_message(detail["type"], detail["msg"], at, detail.get("ctx")))
    listed = [
        Problem(pointer, name + _joined(messages))
        for pointer, (name, messages) in islice(found.items(), MAX_PROBLEMS)
    ]
    more = len(found) - len(listed)
    return InvalidDataError(summary(listed, more), problems=listed, more=more)


def data_pointer(path: Sequence[object]) -> str:
    """Return the JSON Pointer to a value of an event's data; endless names are cut."""
    return json_pointer(["data", *(cut(visible(str(part))) for part in path)])


def summary(problems: Sequence[Problem], more: int = 0) -> str:
    """Return the first problems as one line, with the number of the others, ``more`` included."""
    shown = "; ".join(problem.message for problem in problems[:_PROBLEMS_IN_A_SENTENCE])
    more += max(0, len(problems) - _PROBLEMS_IN_A_SENTENCE)
    return f"{shown}; and {more} more" if more > 0 else shown


def combined(errors: Sequence[RejectedEventError]) -> RejectedEventError:
    """Return one error, of the class of the first, with the problems of all."""
    problems: list[Problem] = [problem for error in errors for problem in error.problems]
    listed = problems[:MAX_PROBLEMS]
    more = len(problems) - len(listed) + sum(error.more for error in errors)
    return type(errors[0])(summary(listed, more), problems=listed, more=more)


def _path(location: tuple[int | str, ...], data: object) -> tuple[list[str], object]:
    """Follow ``location`` into ``data``; a part that leads nowhere is a union member's name.

    A missing field leads nowhere too, but it comes last and directly below an object.
    """
    path: list[str] = []
    at = data
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if isinstance(at, dict) and (part in at or (last and isinstance(part, str))):
            if part != "[key]":
                path.append(str(part))
                at = at.get(part)
        elif isinstance(at, list) and isinstance(part, int) and part < len(at):
            path.append(str(part))
            at = at[part]
    return path, at


def _message(kind: str, message: str, at: object, context: Any) -> str:
    """Return the message that follows the name of the field."""
    if kind == "missing":
        return " is missing: add it"
    if kind in {"value_error", "assertion_error"} and context is not None:
        return f": {context['error']}"
    for subject in ("Input ", "String ", "List ", "Dictionary ", "Tuple ", "Number ", "Integer "):
        message = message.removeprefix(subject)
    listed = kind in {"enum", "literal_error"} and not isinstance(at, str)
    if listed or kind.endswith(("_type", "_parsing")):
        return f" {message}, not {json_kind(at)}"
    return f" {message}"


def _joined(messages: list[str]) -> str:
    """Join the messages about one field; those of a union's members become one sentence."""
    unique = list(dict.fromkeys(messages))
    kinds = [each for each in unique if each.startswith(_SHOULD_BE) and ", not " in each]
    others = [each for each in unique if each not in kinds]
    if len(kinds) > 1:
        ending = kinds[0].rpartition(", not ")[2]
        either = " or ".join(
            each.removeprefix(_SHOULD_BE).removesuffix(f", not {ending}") for each in kinds
        )
        kinds = [f"{_SHOULD_BE}{either}, not {ending}"]
    return " and".join([*kinds, *others])


def cut(text: str) -> str:
    """Keep the first 80 characters of a text."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def shown_name(name: str) -> str:
    """Return a name that somebody made up as a reason may repeat it, for logs and dead letters.

    One that is no program's name may be a person's: its first character and length are enough to
    find it.
    """
    if _PLAIN_NAME.fullmatch(name) or (name.isdecimal() and len(name) <= _POSITION_DIGITS):
        return name
    return f"{(name[:1] + '…')!r} ({len(name)} characters)"


def json_kind(value: object) -> str:
    """Return the kind of a JSON value whose content must not be shown."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
