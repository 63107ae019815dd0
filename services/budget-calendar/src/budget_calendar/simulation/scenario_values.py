"""Values of a scenario file as the domain knows them; what it refuses is a problem of the file."""

from collections.abc import Callable
from enum import StrEnum
from typing import ParamSpec, TypeVar

from budget_calendar.domain.errors import DomainError
from budget_calendar.domain.windows import Window
from kakehashi_common.yaml_reader import Section

_P = ParamSpec("_P")
_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


def checked(
    told: Section, key: str, make: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
) -> _T | None:
    """What ``make`` gives; its refusal is a problem of the field that it names, or of ``key``.

    A field that the file calls otherwise is ``key``'s problem.
    """
    try:
        return make(*args, **kwargs)
    except DomainError as error:
        field = error.field or key
        told.problem(field if field in told else key, error.message)
        return None


def one_of(told: Section, key: str, kind: type[_E]) -> _E | None:
    """One of the enumeration's values; ``None`` where there is none or a problem was reported."""
    text = told.text(key)
    if not text:
        return None
    if text not in tuple(kind):
        told.problem(key, f"{key} must be one of {', '.join(kind)}, not {text!r}")
        return None
    return kind(text)


def window_of(told: Section, key: str) -> Window | None:
    """The window of ``earliest``, ``likely`` and ``latest``, or the one of ``day``.

    Problems of both or neither being there are ``key``'s.
    """
    day = told.day("day")
    days = [told.day(each) for each in ("earliest", "likely", "latest")]
    if ("day" in told) == any(each in told for each in ("earliest", "likely", "latest")):
        told.problem(key, "give day, or earliest, likely and latest")
        return None
    if day:
        return Window.on(day)
    earliest, likely, latest = days
    if earliest is None or likely is None or latest is None:
        if "day" not in told:
            told.problem(key, "give all of earliest, likely and latest")
        return None
    return checked(told, "likely", Window, earliest, likely, latest)
