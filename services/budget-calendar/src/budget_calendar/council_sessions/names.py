"""The names of council sessions: ``令和6年第1回定例会（3月）``.

What stands in brackets explains (``令和6年（2024年）``, ``第1回（3月）定例会``): it is read only
for a part that stands nowhere else.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, TypeVar

from budget_calendar.domain.council.sessions import SessionKind
from kakehashi_common.domain.japanese_dates import (
    YEAR,
    NotAYearError,
    plain,
    western_year,
    whole_number,
)

_T = TypeVar("_T")

_IN_BRACKETS: Final = re.compile(r"\([^()]*\)")
_YEAR: Final = re.compile(rf"({YEAR})年(?!度)")
_FISCAL_YEAR: Final = re.compile(rf"(?:{YEAR})年度")
_NUMBER: Final = re.compile(r"第(\d{1,3}|[〇一二三四五六七八九十]{1,3})回")
_KIND: Final = re.compile(r"(定例|臨時)(?:会|議会)")
_KINDS: Final = {"定例": SessionKind.REGULAR, "臨時": SessionKind.EXTRAORDINARY}


class NotASessionNameError(ValueError):
    """A name that does not say which session it is; the message names what it lacks."""


@dataclass(frozen=True, slots=True)
class SessionName:
    """Which session of a council a name means."""

    kind: SessionKind
    year: int
    """The calendar year in which the council counts it."""
    number: int


def read_session_name(name: str) -> SessionName:
    """Return the session that ``name`` means.

    Raises:
        NotASessionNameError: a part is missing, or the name says two things for one.
    """
    text = plain(name)
    try:
        years = _parts(_YEAR, text, western_year)
        numbers = _parts(_NUMBER, text, whole_number)
    except (NotAYearError, ValueError) as error:
        raise NotASessionNameError(str(error)) from None
    kinds = _parts(_KIND, text, _KINDS.__getitem__)
    parts: dict[str, Collection[object]] = {
        "the calendar year, such as 令和6年"
        + (" (年度 is the fiscal year)" if _FISCAL_YEAR.search(text) else ""): years,
        "its number, 第n回": numbers,
        "定例会 or 臨時会": kinds,
    }
    if lacks := [what for what, found in parts.items() if not found]:
        raise NotASessionNameError(f"the name lacks {' and '.join(lacks)}")
    if ambiguous := [what for what, found in parts.items() if len(found) > 1]:
        raise NotASessionNameError(f"the name says more than one of: {'; '.join(ambiguous)}")
    return SessionName(kinds.pop(), years.pop(), numbers.pop())


def _parts(pattern: re.Pattern[str], text: str, read: Callable[[str], _T]) -> set[_T]:
    """Return the values of a part: outside brackets, or within them if there are none outside."""
    for where in (_IN_BRACKETS.sub("", text), text):
        if found := {read(match[1]) for match in pattern.finditer(where)}:
            return found
    return set()
