"""Find which of the four regular sessions (定例会) of a year a session is.

Most councils number regular sessions by themselves, from 1 in spring to 4 in winter. Some number
regular and extraordinary ones together, so that June's is the 2nd of one year and the 4th of the
next; some start again with an era. A number whose season doesn't fit says nothing, and the season
decides (common practice).
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, TypeVar

_T = TypeVar("_T")

_MONTHS: Final = {1: (1, 2, 3), 2: (4, 5, 6, 7), 3: (7, 8, 9, 10, 11), 4: (10, 11, 12, 1)}
"""In which months a session that goes by its usual number may have its last vote."""

_SEASON: Final = {
    month: number
    for number, months in {1: (1, 2, 3), 2: (4, 5, 6, 7), 3: (8, 9, 10), 4: (11, 12)}.items()
    for month in months
}
"""Which session has its last vote in a month, most likely."""
_JANUARY: Final = 1
_WINTER: Final = 4


def in_places(sessions: Iterable[tuple[int, date, _T]]) -> dict[int, _T]:
    """One year's sessions by place: 1 in spring, 2 in June, 3 in September, 4 in winter.

    Args:
        sessions: each with its number and its last voting day. What finds its place taken is left
            out.
    """
    places: dict[int, _T] = {}
    others = []
    for number, last_vote, session in sessions:
        if last_vote.month in _MONTHS.get(number, ()):
            places.setdefault(number, session)
        else:
            ends_a_year = last_vote.month == _JANUARY and number > _WINTER
            others.append((_WINTER if ends_a_year else _SEASON[last_vote.month], session))
    for place, session in others:
        places.setdefault(place, session)
    return places
