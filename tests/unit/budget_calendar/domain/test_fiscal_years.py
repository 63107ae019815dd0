from datetime import date

import pytest

from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of, japanese_name, last_day


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2025, 3, 31), 2024),
        (date(2025, 4, 1), 2025),
        (date(2025, 12, 31), 2025),
        (date(2026, 1, 1), 2025),
    ],
)
def test_a_fiscal_year_runs_from_april_to_march(day: date, year: int) -> None:
    assert fiscal_year_of(day) == year
    assert first_day(year) <= day <= last_day(year)


@pytest.mark.parametrize(
    ("year", "name"),
    [
        (1989, "平成元年度"),
        (2018, "平成30年度"),
        (2019, "令和元年度"),
        (2020, "令和2年度"),
        (2026, "令和8年度"),
    ],
)
def test_a_fiscal_year_is_named_by_its_era(year: int, name: str) -> None:
    assert japanese_name(year) == name
