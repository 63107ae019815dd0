from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_calendar.domain.council.japanese_dates import (
    NotADateError,
    parse_japanese_date,
    western_year,
    year_named_in,
)
from budget_calendar.domain.refusals import RefusedError


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月22日", date(2019, 5, 22)),
        ("令和4年6月3日", date(2022, 6, 3)),
        ("平成24年2月20日", date(2012, 2, 20)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("大正15年12月24日", date(1926, 12, 24)),
        ("令和６年２月２９日", date(2024, 2, 29)),
        ("2024年5月1日", date(2024, 5, 1)),
        ("令和 6 年 5 月 1 日", date(2024, 5, 1)),
        ("令和6年　5月\n1日", date(2024, 5, 1)),
        ("令和6年5月1日（水）", date(2024, 5, 1)),
        ("令和6年5月1日(水曜日)", date(2024, 5, 1)),
        ("R4.6.3", date(2022, 6, 3)),
        ("Ｈ31/4/1", date(2019, 4, 1)),
        ("2024-05-01", date(2024, 5, 1)),
        ("2024/5/1", date(2024, 5, 1)),
    ],
)
def test_a_date_is_read_in_the_forms_that_are_published(text: str, day: date) -> None:
    assert parse_japanese_date(text) == day


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("令和元年5月22月", "it ends in 月 instead of 日"),
        ("令和2年7月10月", "it ends in 月 instead of 日"),
        ("議案議決結果一覧表", "it holds no number; a heading?"),
        ("平成27年第3回定例会議員提出議案議決結果一覧", "it names no month; a heading?"),
        ("令和5年2月29日", "there is no day 2/29 in that year"),
        ("令和5年13月1日", "there is no day 13/1 in that year"),
        ("令和0年5月1日", "`令和0` is no year"),
        ("令和元年4月30日", "令和 began on 2019-05-01"),
        ("平成31年5月1日", "平成 ended on 2019-04-30"),
        ("昭和64年1月8日", "昭和 ended on 1989-01-07"),
        ("令和6年5月1日（木）", "that day was a 水曜日, not a 木曜日"),
        ("令和6年5月1日から8日", "it is not written as year, month and day"),
        ("5月1日", "it is not written as year, month and day"),
        ("R4.6/3", "it is not written as year, month and day"),
        ("", "it holds no number; a heading?"),
    ],
)
def test_what_is_no_date_is_refused_with_its_value_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(NotADateError) as refused:
        parse_japanese_date(text)
    assert (refused.value.value, refused.value.reason) == (text, reason)


@given(st.dates(min_value=date(2019, 5, 1), max_value=date(2117, 12, 31)))
def test_every_day_of_reiwa_is_read_back(day: date) -> None:
    year = day.year - 2018
    assert parse_japanese_date(f"令和{year}年{day.month}月{day.day}日") == day
    assert parse_japanese_date(f"R{year}.{day.month}.{day.day}") == day
    if year == 1:
        assert parse_japanese_date(f"令和元年{day.month}月{day.day}日") == day


@given(st.text(alphabet="令和平成元年月日0123456789０９.RH()水 ", max_size=14))
def test_any_other_text_is_a_day_or_refused(text: str) -> None:
    try:
        day = parse_japanese_date(text)
    except NotADateError as refused:
        assert refused.value == text  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(day, date)


@pytest.mark.parametrize(
    ("named", "year"),
    [
        ("令和元", 2019),
        ("令和2年度", 2020),
        ("平成31年度", 2019),
        ("平成元", 1989),
        ("昭和64", 1989),
        ("２０２４年", 2024),
    ],
)
def test_a_year_is_read_within_its_era(named: str, year: int) -> None:
    assert western_year(named) == year


@pytest.mark.parametrize("named", ["和2", "令和", "令和0", "24", "慶応3"])
def test_what_is_no_year_is_refused(named: str) -> None:
    with pytest.raises(RefusedError, match="is no year"):
        western_year(named)


@pytest.mark.parametrize(
    ("text", "year"),
    [("令和元年5月22月", 2019), ("第3回（令和２年）", 2020), ("令和0年", None), ("5月22日", None)],
)
def test_the_year_is_told_even_where_the_rest_is_no_date(text: str, year: int | None) -> None:
    assert year_named_in(text) == year
