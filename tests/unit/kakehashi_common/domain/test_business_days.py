from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.domain.business_days import BusinessDays

SPORTS_DAY = date(2026, 10, 12)
CULTURE_DAY = date(2026, 11, 3)
LEAP_HOLIDAY = date(2028, 2, 23)

BUSINESS_DAYS = BusinessDays({SPORTS_DAY, CULTURE_DAY, LEAP_HOLIDAY}.__contains__)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        pytest.param(date(2026, 10, 14), date(2026, 10, 14), date(2026, 10, 14), id="an open day"),
        pytest.param(date(2026, 10, 10), date(2026, 10, 9), date(2026, 10, 13), id="long weekend"),
        pytest.param(SPORTS_DAY, date(2026, 10, 9), date(2026, 10, 13), id="a public holiday"),
        pytest.param(date(2026, 12, 28), date(2026, 12, 28), date(2026, 12, 28), id="御用納め"),
        pytest.param(
            date(2026, 12, 29), date(2026, 12, 28), date(2027, 1, 4), id="closure 地方自治法4条の2"
        ),
        pytest.param(
            date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 4), id="last day of the closure"
        ),
        pytest.param(date(2028, 2, 29), date(2028, 2, 29), date(2028, 2, 29), id="29 February"),
    ],
)
def test_the_nearest_business_day(day: date, before: date, after: date) -> None:
    assert BUSINESS_DAYS.on_or_before(day) == before
    assert BUSINESS_DAYS.on_or_after(day) == after
    assert (day in BUSINESS_DAYS) == (before == after)


@pytest.mark.parametrize(
    ("day", "by", "expected"),
    [
        (date(2026, 10, 9), 1, date(2026, 10, 13)),
        (date(2026, 10, 13), -1, date(2026, 10, 9)),
        (date(2026, 10, 11), -1, date(2026, 10, 9)),
        (date(2026, 10, 11), 0, date(2026, 10, 11)),
        (date(2026, 12, 28), 1, date(2027, 1, 4)),
        (date(2028, 2, 22), 4, date(2028, 2, 29)),
    ],
)
def test_shifting_counts_business_days_alone(day: date, by: int, expected: date) -> None:
    assert BUSINESS_DAYS.shift(day, by) == expected


@given(
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.integers(1, 120),
)
def test_shifting_agrees_with_counting(day: date, by: int) -> None:
    later = BUSINESS_DAYS.shift(day, by)
    assert later in BUSINESS_DAYS
    assert BUSINESS_DAYS.count(day + timedelta(days=1), later) == by
    assert BUSINESS_DAYS.count(later, day - timedelta(days=1)) == 0
    assert BUSINESS_DAYS.shift(later, -by) == BUSINESS_DAYS.on_or_before(day)
