"""Time as a value: instants in UTC, days in Japan."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
"""Japan has one time zone, nine hours ahead of UTC, with no daylight saving time since 1951."""


class Clock(Protocol):
    """A source of the current instant."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        ...


class WallClock:
    """The time on the wall."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until its ``instant`` is set: for tests and replays."""

    instant: datetime

    def now(self) -> datetime:
        """Return ``instant``, in UTC."""
        return utc(self.instant)


def utc(instant: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: ``instant`` has no time zone.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; add one, such as +09:00")
    return instant.astimezone(UTC)


def japan_day(instant: datetime) -> date:
    """Return the calendar day in Japan at ``instant`` (timezone-aware)."""
    return utc(instant).astimezone(TOKYO).date()


def japan_midnight(day: date) -> datetime:
    """Return the instant at which ``day`` begins in Japan, in UTC."""
    return datetime.combine(day, time.min, tzinfo=TOKYO).astimezone(UTC)
