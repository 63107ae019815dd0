from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.domain.council.recurring_day import predict_day
from budget_calendar.domain.windows import Window
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

SEPTEMBER = [(date(2023, 9, 10), date(2023, 10, 10))]


def by_year(days: Iterable[date]) -> dict[int, date]:
    return {day.year: day for day in sorted(days)}


@settings(deadline=None)  # the first question about a year works out its holidays
@given(
    year=st.integers(2001, 2040),
    days=st.lists(st.dates(date(1990, 1, 1), date(2000, 12, 31)), min_size=1, max_size=12),
    usual=st.booleans(),
)
def test_a_window_is_in_order_and_of_business_days(
    year: int, days: list[date], *, usual: bool
) -> None:
    spans = [(date(year, 3, 10), date(year, 3, 27)), (date(year, 9, 10), date(year, 10, 10))]
    window = predict_day(year, by_year(days), spans if usual else [], BUSINESS_DAYS)
    assert window.earliest <= window.likely <= window.latest
    assert all(day in BUSINESS_DAYS for day in (window.earliest, window.likely, window.latest))


def test_a_usual_weekday_is_found_again() -> None:
    wednesdays = [date(2018, 9, 19), date(2019, 9, 18), date(2020, 9, 16), date(2021, 9, 15)]
    assert predict_day(2022, by_year(wednesdays), [], BUSINESS_DAYS).likely.strftime("%a") == "Wed"


def test_years_that_differ_give_a_wide_window_and_years_that_agree_a_narrow_one() -> None:
    def days(*held: int) -> int:
        observed = [date(2022 - n, 9, day) for n, day in enumerate(held)]
        return predict_day(2023, by_year(observed), SEPTEMBER, BUSINESS_DAYS).days

    assert days(20, 20, 20, 20, 20) <= 5
    assert days(20, 20, 20) < days(18, 20, 23) < days(13, 20, 28)


def test_a_shorter_half_life_follows_a_drift() -> None:
    drifting = [date(2012 + n, 2, 26 - n) for n in range(10)]
    slow = predict_day(2022, by_year(drifting), [], BUSINESS_DAYS, half_life_years=10.0).likely
    quick = predict_day(2022, by_year(drifting), [], BUSINESS_DAYS, half_life_years=2.0).likely
    assert quick < slow
    assert abs(quick - date(2022, 2, 17)) <= timedelta(days=1)


def test_a_usual_span_far_from_what_was_observed_is_no_help() -> None:
    observed = [date(2021, 7, 14), date(2022, 7, 13)]
    alone = predict_day(2023, by_year(observed), [], BUSINESS_DAYS)
    assert predict_day(2023, by_year(observed), SEPTEMBER, BUSINESS_DAYS) == alone
    assert alone.earliest > date(2023, 7, 1)
    assert alone.latest < date(2023, 7, 31)


def test_newer_years_count_more() -> None:
    moved = [
        *(date(y, 6, 10) for y in range(2003, 2008)),
        *(date(y, 6, 24) for y in range(2018, 2023)),
    ]
    assert abs(
        predict_day(2023, by_year(moved), [], BUSINESS_DAYS).likely - date(2023, 6, 24)
    ) <= timedelta(2)


def test_a_leap_day_is_compared_with_the_day_before_it() -> None:
    window = predict_day(2023, by_year([date(2016, 2, 29), date(2020, 2, 29)]), [], BUSINESS_DAYS)
    assert window.earliest <= date(2023, 2, 28) <= window.latest


def test_neither_holidays_nor_the_year_end_closure_are_predicted() -> None:
    equinox = [date(y, 3, 20) for y in (2017, 2018, 2019, 2020)]
    assert predict_day(2024, by_year(equinox), [], BUSINESS_DAYS).likely != date(2024, 3, 20)
    late = predict_day(2024, by_year([date(2022, 12, 28), date(2023, 12, 28)]), [], BUSINESS_DAYS)
    assert isinstance(late, Window)
    assert late.latest in BUSINESS_DAYS
