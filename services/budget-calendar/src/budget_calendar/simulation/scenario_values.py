"""Read values of a scenario file; what the domain refuses is a problem of the file."""

from collections.abc import Callable
from enum import StrEnum
from typing import ParamSpec, TypeVar

from budget_calendar.domain.windows import Window
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.yaml_reader import Section

_P = ParamSpec("_P")
_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


def checked(
    section: Section, key: str, make: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
) -> _T | None:
    """Return what ``make`` does; its error is a problem of the field that it names, or of ``key``.

    A field that the file calls otherwise is ``key``'s problem.
    """
    try:
        return make(*args, **kwargs)
    except DomainError as error:
        field = error.field or key
        section.problem(field if field in section else key, error.message)
        return None


def one_of(section: Section, key: str, kind: type[_E]) -> _E | None:
    """Return a value of the enumeration, or ``None`` if there is none or a problem was reported."""
    text = section.text(key)
    if not text:
        return None
    if text not in tuple(kind):
        section.problem(key, f"{key} must be one of {', '.join(kind)}, not {text!r}")
        return None
    return kind(text)


def window_of(section: Section, key: str) -> Window | None:
    """Return the window of ``earliest``, ``likely`` and ``latest``, or of ``day``.

    Problems of both or neither being there are ``key``'s.
    """
    day = section.day("day")
    days = [section.day(each) for each in ("earliest", "likely", "latest")]
    if ("day" in section) == any(each in section for each in ("earliest", "likely", "latest")):
        section.problem(key, "give day, or earliest, likely and latest")
        return None
    if day:
        return Window.on(day)
    earliest, likely, latest = days
    if earliest is None or likely is None or latest is None:
        if "day" not in section:
            section.problem(key, "give all of earliest, likely and latest")
        return None
    return checked(section, "likely", Window, earliest, likely, latest)
