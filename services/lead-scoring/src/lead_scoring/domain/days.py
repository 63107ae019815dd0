"""Japan days: the unit in which activity is counted and in which points decay.

A day is its proleptic ordinal (``date.toordinal()``) in Japan, which has kept UTC+9 without
summer time since 1952. Instants are timezone-aware.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

JAPAN = timezone(timedelta(hours=9), "JST")
_AHEAD_OF_UTC = timedelta(hours=9)


def japan_day(instant: datetime) -> int:
    """The Japan day on which ``instant`` (timezone-aware) falls."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    # The sum's wall time is Japan's: three times as fast as a conversion, on the hottest path.
    return (instant + _AHEAD_OF_UTC).toordinal()


@lru_cache(maxsize=4096)
def day_start(day: int) -> datetime:
    """The instant (UTC) at which the Japan day ``day`` begins."""
    midnight = datetime.combine(date.fromordinal(day), time(), tzinfo=UTC)
    return midnight - _AHEAD_OF_UTC
