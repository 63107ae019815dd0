"""Business days (開庁日) of a local government.

Closed are Saturdays, Sundays, public holidays (国民の祝日) and the year-end closure, 29 December to
3 January (年末年始; 地方自治法4条の2 and the ordinances that follow it).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from kakehashi_common.domain.texts import Text

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def in_year_end_closure(day: date) -> bool:
    """Whether ``day`` lies in 29 December – 3 January (地方自治法4条の2第2項3号)."""
    month_and_day = (day.month, day.day)
    return month_and_day >= (12, 29) or month_and_day <= (1, 3)


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Counts business days.

    Args:
        is_holiday: whether a day is a public holiday; asked again and again, so it should be quick.
    """

    is_holiday: Callable[[date], bool]

    def __contains__(self, day: date) -> bool:
        return (
            day.weekday() < _SATURDAY and not in_year_end_closure(day) and not self.is_holiday(day)
        )

    def why_closed(self, day: date) -> Text | None:
        """Return the reason why the offices are closed on ``day``; ``None`` if they are open."""
        if day in self:
            return None
        if in_year_end_closure(day):
            return Text(ja="年末年始の休み", en="in the year-end closure")
        if self.is_holiday(day):
            return Text(ja="祝日", en="a public holiday")
        if day.weekday() == _SATURDAY:
            return Text(ja="土曜日", en="a Saturday")
        return Text(ja="日曜日", en="a Sunday")

    def on_or_after(self, day: date) -> date:
        """Return ``day`` if it is a business day, else the next one."""
        while day not in self:
            day += _ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        """Return ``day`` if it is a business day, else the last one before it."""
        while day not in self:
            day -= _ONE_DAY
        return day

    def shift(self, day: date, by: int) -> date:
        """Return the ``by``-th business day after ``day``, or before it where ``by`` is negative.

        ``day`` itself is not counted and need not be a business day; 0 gives it back unchanged.
        """
        step = _ONE_DAY if by > 0 else -_ONE_DAY
        for _ in range(abs(by)):
            day += step
            while day not in self:
                day += step
        return day

    def count(self, first: date, last: date) -> int:
        """Return the number of business days from ``first`` to ``last``, both included."""
        days = (last - first).days + 1
        return sum(first + timedelta(days=n) in self for n in range(days))

    def holidays(self, first_year: int, years: int) -> tuple[date, ...]:
        """Return the public holidays of so many calendar years, in order."""
        first, end = date(first_year, 1, 1), date(first_year + years, 1, 1)
        days = (first + timedelta(days=n) for n in range((end - first).days))
        return tuple(day for day in days if self.is_holiday(day))
