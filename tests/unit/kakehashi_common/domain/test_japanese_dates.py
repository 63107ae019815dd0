from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.domain.japanese_dates import (
    NotADateError,
    NotAYearError,
    parse_japanese_date,
    parse_japanese_datetime,
    western_year,
    whole_number,
    year_named_in,
)


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
        ("20240501", date(2024, 5, 1)),
        ("令和6.3.15", date(2024, 3, 15)),
        ("令6.3.15", date(2024, 3, 15)),
        ("令和6/3/15", date(2024, 3, 15)),
        ("令6年3月15日", date(2024, 3, 15)),
        ("R6年3月15日", date(2024, 3, 15)),
        ("r6-03-15", date(2024, 3, 15)),
        ("令和元.5.22", date(2019, 5, 22)),
        ("㋿6年3月15日", date(2024, 3, 15)),
        ("令和6・3・15", date(2024, 3, 15)),
        ("令和六年三月十五日", date(2024, 3, 15)),
        ("平成三十一年四月三十日", date(2019, 4, 30)),
        ("令和二年十月二十日", date(2020, 10, 20)),
        ("二〇二四年三月十五日", date(2024, 3, 15)),
        ("西暦2024年3月15日", date(2024, 3, 15)),
        ("令和6年3月15日金曜日", date(2024, 3, 15)),
        ("令和6年3月15日 金曜", date(2024, 3, 15)),
        ("令和6年3月15日㈮", date(2024, 3, 15)),
        ("令和6年3月20日（水・祝）", date(2024, 3, 20)),
        ("令和6年5月6日（月・振休）", date(2024, 5, 6)),
        ("令和6年5月6日（月・振替休日）", date(2024, 5, 6)),
        ("令和6年5月6日（月・休）", date(2024, 5, 6)),
        ("令和6年3月20日（祝）", date(2024, 3, 20)),
        ("R6.3.15(金)", date(2024, 3, 15)),
        ("2024/3/15(金)", date(2024, 3, 15)),
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
        ("令和6年3月15日土曜日", "that day was a 金曜日, not a 土曜日"),
        ("R6.3.15(木)", "that day was a 金曜日, not a 木曜日"),
        ("明治5年12月2日", "Japan counts by this calendar since 1873-01-01, 明治6年"),
        ("慶応3年1月1日", "it is not written as year, month and day"),
        ("令和6年十十月1日", "there is no day 十十/1 in that year"),
        ("5月1日", "it is not written as year, month and day"),
        ("R4.6/3", "it is not written as year, month and day"),
        ("", "it holds no number; a heading?"),
    ],
)
def test_what_is_no_date_is_refused_with_its_value_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(NotADateError) as refused:
        parse_japanese_date(text)
    assert (refused.value.value, refused.value.reason) == (text, reason)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("明治6年1月1日", "明治45年7月29日"),
        ("大正元年7月30日", "大正15年12月24日"),
        ("昭和元年12月25日", "昭和64年1月7日"),
        ("平成元年1月8日", "平成31年4月30日"),
    ],
)
def test_an_era_ends_on_the_day_before_the_next_begins(first: str, last: str) -> None:
    assert parse_japanese_date(first) < parse_japanese_date(last)
    after = parse_japanese_date(last).toordinal() + 1
    day = date.fromordinal(after)
    with pytest.raises(NotADateError, match=r"ended on"):
        parse_japanese_date(f"{last[: last.index('年')]}年{day.month}月{day.day}日")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("令和6年3月15日", "2024-03-15T00:00:00"),
        ("令和6年3月15日 14:30", "2024-03-15T14:30:00"),
        ("令和６年３月１５日　１４時３０分", "2024-03-15T14:30:00"),
        ("令和6年3月15日午後2時30分", "2024-03-15T14:30:00"),
        ("令和6年3月15日(金)午前0時", "2024-03-15T00:00:00"),
        ("R6.3.15 9:05:07", "2024-03-15T09:05:07"),
        ("2024/3/15 9:05", "2024-03-15T09:05:00"),
    ],
)
def test_a_time_of_day_may_follow_a_date(text: str, instant: str) -> None:
    assert parse_japanese_datetime(text).isoformat() == instant


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("令和6年3月15日 25:00", "there is no such time of day"),
        ("令和6年3月15日 午後14時", "午後 takes 0 to 11 as its hour"),
        ("令和6年3月15日 夕方", "it is not written as year, month and day"),
        ("令和6年2月30日 9:00", "there is no day 2/30 in that year"),
    ],
)
def test_a_time_of_day_that_does_not_exist_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NotADateError) as refused:
        parse_japanese_datetime(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("text", "number"),
    [("15", 15), ("１５", 15), ("十", 10), ("十五", 15), ("二十", 20), ("九十九", 99), ("〇", 0)],
)
def test_whole_numbers_are_read_in_any_digits(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "二三十", "十〇", "百", "-1", "1.5", "十十"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        whole_number(text)


@given(st.dates(min_value=date(2019, 5, 1), max_value=date(2117, 12, 31)))
def test_every_day_of_reiwa_is_read_back(day: date) -> None:
    year = day.year - 2018
    assert parse_japanese_date(f"令和{year}年{day.month}月{day.day}日") == day
    assert parse_japanese_date(f"R{year}.{day.month}.{day.day}") == day
    if year == 1:
        assert parse_japanese_date(f"令和元年{day.month}月{day.day}日") == day


@given(st.text(alphabet="令和平成元年月日曜0123456789０９十〇.RH()水: ", max_size=14))
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
        ("R6年度", 2024),
        ("令6", 2024),
        ("令和六年", 2024),
        ("明治45", 1912),
    ],
)
def test_a_year_is_read_within_its_era(named: str, year: int) -> None:
    assert western_year(named) == year


@pytest.mark.parametrize("named", ["和2", "令和", "令和0", "24", "慶応3"])
def test_what_is_no_year_is_refused(named: str) -> None:
    with pytest.raises(NotAYearError, match="is no year"):
        western_year(named)


@pytest.mark.parametrize(
    ("text", "year"),
    [("令和元年5月22月", 2019), ("第3回（令和２年）", 2020), ("令和0年", None), ("5月22日", None)],
)
def test_the_year_is_read_even_where_the_rest_is_no_date(text: str, year: int | None) -> None:
    assert year_named_in(text) == year
