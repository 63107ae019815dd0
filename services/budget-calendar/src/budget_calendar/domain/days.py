"""Days as people write them, and the days on which a town hall is open."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.texts import Text

Closed = Callable[[date], bool]
"""Whether a municipality's offices are closed on a day."""

_SATURDAY: Final = 5
_CLOSURE: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def weekend_or_closure(day: date) -> bool:
    """Closed at weekends and 29 December–3 January (地方自治法4条の2); knows no holidays."""
    return day.weekday() >= _SATURDAY or (day.month, day.day) in _CLOSURE


def business_days_after(day: date, number: int, closed: Closed) -> date:
    """The ``number``-th business day after ``day``; ``day`` itself does not count."""
    while number > 0:
        day += timedelta(days=1)
        number -= not closed(day)
    return day


def years_later(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def in_words(day: date) -> Text:
    """``2026年10月31日``, ``31 October 2026``."""
    return Text(
        ja=f"{day.year}年{day.month}月{day.day}日",
        en=f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
    )
