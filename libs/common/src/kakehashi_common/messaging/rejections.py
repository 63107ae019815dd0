"""Why an event is refused: one class per kind of mistake, each with a sentence for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from kakehashi_common.errors import PermanentError

_SHOWN_CHARACTERS = 80
_PROBLEMS_IN_A_SENTENCE = 3
"""How many mistakes one sentence lists; the count of the others follows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an event."""

    pointer: str
    """JSON Pointer (RFC 6901) into the event in structured form, such as ``/data/kind``."""
    message: str
    """A sentence that names the field and, where it can, the fix."""
    code: str = "invalid_data"
    """The code of the error that this mistake alone would be."""


class RejectedEventError(PermanentError):
    """The event can't be read, and never will be as it stands."""

    code = "rejected"

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), field: str = "") -> None:
        super().__init__(message, field=field or (problems[0].pointer if problems else None))
        self.problems = tuple(problems) or (Problem(field, message, self.code),)


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


class NotJsonError(RejectedEventError):
    """The bytes are not JSON."""

    code = "not_json"
    status = HTTPStatus.BAD_REQUEST


class InvalidDataError(RejectedEventError):
    """The data breaks its contract."""

    code = "invalid_data"


def data_problems(error: ValidationError, data: object) -> list[Problem]:
    """Return what is wrong with ``data``, one problem per field.

    Args:
        error: What pydantic found.
        data: The parsed JSON, which tells the path of a field from the name of a union's member.
    """
    by_pointer: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False):
        path, at = _path(detail["loc"], data)
        pointer = "/data" + "".join(f"/{_escape(part)}" for part in path)
        name = ".".join(["data", *map(cut, path)])
        messages = by_pointer.setdefault(pointer, [])
        messages.append(_sentence(name, detail["type"], detail["msg"], at, detail.get("ctx")))
    return [Problem(pointer, _joined(messages)) for pointer, messages in by_pointer.items()]


def in_one_sentence(problems: Sequence[Problem]) -> str:
    """Return the first problems as one line."""
    shown = "; ".join(problem.message for problem in problems[:_PROBLEMS_IN_A_SENTENCE])
    more = len(problems) - _PROBLEMS_IN_A_SENTENCE
    return f"{shown}; and {more} more" if more > 0 else shown


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


def _sentence(name: str, kind: str, message: str, at: object, context: Any) -> str:
    if kind == "missing":
        return f"{name} is missing: add it"
    if kind in {"value_error", "assertion_error"} and context is not None:
        return f"{name}: {context['error']}"
    for subject in ("Input ", "String ", "List ", "Dictionary ", "Tuple ", "Number ", "Integer "):
        message = message.removeprefix(subject)
    listed = kind in {"enum", "literal_error"} and not isinstance(at, str)
    if listed or kind.endswith(("_type", "_parsing")):
        return f"{name} {message}, not {json_kind(at)}"
    return f"{name} {message}"


def _joined(messages: list[str]) -> str:
    """Join what each member of a union had to say about the same field."""
    first, *others = dict.fromkeys(messages)
    name = first.split(" ", 1)[0]
    ending = first.rpartition(", not ")[2]
    parts = [m.removeprefix(f"{name} should be ").removesuffix(f", not {ending}") for m in others]
    if not others:
        return first
    return f"{first.removesuffix(f', not {ending}')} or {' or '.join(parts)}, not {ending}"


def cut(text: str) -> str:
    """Keep the first 80 characters of what somebody wrote."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def json_kind(value: object) -> str:
    """Say what kind of JSON value it is, where its content is nobody's business."""
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


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
