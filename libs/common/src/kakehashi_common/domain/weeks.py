"""Weeks in Japan, from Monday 00:00 to the next; named as ISO 8601 does, such as ``2026-W48``."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kakehashi_common.domain.business_time import JAPAN

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One week, by its Monday."""

    monday: date

    def __post_init__(self) -> None:
        if self.monday.weekday() != 0:
            raise ValueError(f"a week begins on a Monday, {self.monday} is none")

    @classmethod
    def of(cls, at: datetime) -> "Week":
        """Return the week in Japan at an instant."""
        day = at.astimezone(JAPAN).date()
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def named(cls, text: str) -> "Week":
        """Return the week that ``2026-W48`` names.

        Raises:
            ValueError: it is no such name, or the year has no such week.
        """
        year, _, number = text.partition("-W")
        return cls(date.fromisocalendar(int(year), int(number), 1))

    @property
    def name(self) -> str:
        """Such as ``2026-W48``."""
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def begins(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.monday, time(), JAPAN)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return self.begins + _WEEK

    def __contains__(self, at: datetime) -> bool:
        return self.begins <= at < self.ends

    def earlier(self, weeks: int) -> "Week":
        """Return the week so many weeks before."""
        return Week(self.monday - weeks * _WEEK)


@dataclass(frozen=True, slots=True)
class Span:
    """Weeks on end, both included."""

    first: Week
    last: Week

    @classmethod
    def until(cls, last: Week, weeks: int) -> "Span":
        """Return so many weeks, the last included."""
        return cls(last.earlier(weeks - 1), last)

    def __contains__(self, at: datetime) -> bool:
        return self.first.begins <= at < self.last.ends

    def weeks(self) -> Iterator[Week]:
        """Yield its weeks, in order."""
        week = self.first
        while week <= self.last:
            yield week
            week = week.earlier(-1)
