"""Days that are counted by weeks and months."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

DAYS_OF_A_WEEK: Final = 7
MONTHS_OF_A_YEAR: Final = 12
_LONGEST_MONTH: Final = 31
_PARTS_END_ON: Final = {"上旬": 10, "初旬": 10, "中旬": 20, "半ば": 20}


def later_day(base: date, day: int) -> date:
    """Return the first such day of a month from a day on.

    Raises:
        ValueError: no month has it.
    """
    if day > _LONGEST_MONTH:
        raise ValueError(day)
    first = base.replace(day=1) if day >= base.day else months_later(base, 1)
    while day > monthrange(first.year, first.month)[1]:
        first = months_later(first, 1)
    return first.replace(day=day)


def end_of_part(first: date, part: str) -> date:
    """Return the last day of a month's part."""
    last = monthrange(first.year, first.month)[1]
    return first.replace(day=_PARTS_END_ON.get(part, last))


def months_later(day: date, months: int, *, keeps_day: bool = False) -> date:
    """Return the first day of a later month, or the same day as far as the month has it."""
    years, month = divmod(day.month - 1 + months, MONTHS_OF_A_YEAR)
    first = date(day.year + years, month + 1, 1)
    if not keeps_day:
        return first
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def monday_of(day: date, weeks_later: int) -> date:
    """Return the Monday of a day's week, or of a later one."""
    return day + timedelta(days=DAYS_OF_A_WEEK * weeks_later - day.weekday())


def coming_weekday(weekday: int, day: date) -> date:
    """Return the next such weekday (Monday is 0) behind a day."""
    ahead = (weekday - day.weekday()) % DAYS_OF_A_WEEK or DAYS_OF_A_WEEK
    return day + timedelta(days=ahead)
