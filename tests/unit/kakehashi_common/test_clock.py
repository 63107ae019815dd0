from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kakehashi_common.clock import (
    FixedClock,
    WallClock,
    japan_day,
    japan_midnight,
    utc,
)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2025, 3, 31, 14, 59, 59, tzinfo=UTC), date(2025, 3, 31)),
        (datetime(2025, 3, 31, 15, 0, tzinfo=UTC), date(2025, 4, 1)),
        (datetime(2025, 4, 1, 0, 0, tzinfo=timezone(timedelta(hours=9))), date(2025, 4, 1)),
        (datetime(2024, 12, 31, 20, 0, tzinfo=timezone(timedelta(hours=-8))), date(2025, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_japan(instant: datetime, day: date) -> None:
    assert japan_day(instant) == day


def test_midnight_in_japan_is_three_in_the_afternoon_utc_of_the_day_before() -> None:
    assert japan_midnight(date(2025, 4, 1)) == datetime(2025, 3, 31, 15, tzinfo=UTC)
    assert japan_midnight(date(2025, 4, 1)).tzinfo is UTC


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        utc(datetime(2025, 4, 1))  # noqa: DTZ001 - the point of the test


def test_clocks_tell_the_time_in_utc() -> None:
    noon = datetime(2025, 4, 1, 12, tzinfo=timezone(timedelta(hours=9)))

    assert FixedClock(noon).now().isoformat() == "2025-04-01T03:00:00+00:00"
    assert WallClock().now().tzinfo is UTC
