import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone, MilestoneKind
from budget_calendar.domain.budget_year.wording import Language
from budget_calendar.domain.windows import Basis
from budget_calendar.pictures.overview import (
    MOST_ROWS,
    LeftOut,
    overview,
    overview_svg,
)
from budget_calendar.pictures.overview_rows import OverviewRow, next_deadline
from budget_calendar.registry.search import Criteria, Registry
from budget_calendar.registry.snapshot import shipped
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.png import png
from tests.support.budget_pictures import KIRYU, a_calendar, calendars, estimate, the_year_after
from tests.support.picture_checks import outside, overlapping, texts

LANGUAGES = get_args(Language)
TODAY = date(2026, 9, 8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_the_committed_one(
    language: Language, agrees_with: Callable[[str, str], bool]
) -> None:
    rows = [OverviewRow(KIRYU, a_calendar()), OverviewRow(Text("高崎市", "Takasaki"), a_calendar())]
    svg = overview_svg(rows, TODAY, language)
    assert agrees_with(svg, f"overview-{language}.svg"), "pytest --rewrite-golden if this is wanted"


@settings(deadline=None, max_examples=25)
@given(
    found=st.lists(calendars(), max_size=4),
    today=st.dates(date(2026, 3, 1), date(2027, 4, 30)),
    language=st.sampled_from(LANGUAGES),
)
def test_no_text_overlaps_another_or_leaves_the_picture(
    found: list[BudgetCalendar], today: date, language: Language
) -> None:
    scene, svg = overview(
        [OverviewRow(KIRYU, c) for c in found], today, language, frozenset(MilestoneKind)
    )
    assert overlapping(scene) == []
    assert outside(scene, svg) == []


def known_by(basis: Basis, day: date = date(2026, 10, 30)) -> BudgetCalendar:
    """A calendar of common practice, but for its request deadline."""
    calendar = a_calendar()
    practice = tuple(
        replace(m, estimate=replace(m.estimate, basis=Basis.PRACTICE)) for m in calendar.milestones
    )
    deadline = estimate(day, basis=basis)
    return replace(
        calendar,
        milestones=tuple(
            replace(m, estimate=deadline) if m.kind is MilestoneKind.REQUEST_DEADLINE else m
            for m in practice
        ),
    )


def names_and_headings(rows: list[OverviewRow], language: Language = "ja") -> list[str]:
    """The left column, top to bottom, and who shares a row."""
    scene, svg = overview(rows, TODAY, language)
    assert (overlapping(scene), outside(scene, svg)) == ([], [])
    column = [each for each in scene.labels if each.left in {36.0, 176.0} and each.top > 130]
    return [each.text for each in sorted(column, key=lambda each: each.top)]


def test_what_was_observed_or_corrected_comes_first_and_equal_rows_are_one() -> None:
    later = date(2026, 11, 6)
    rows = [
        OverviewRow("甲市", known_by(Basis.PRACTICE), "群馬県"),
        OverviewRow("乙市", known_by(Basis.PRACTICE, later), "群馬県"),
        OverviewRow("丙市", known_by(Basis.PREDICTED), "群馬県"),
        OverviewRow("丁市", known_by(Basis.PRACTICE), "群馬県"),
        OverviewRow("戊市", known_by(Basis.MANUAL), "群馬県"),
        OverviewRow("己市", known_by(Basis.OBSERVED), "群馬県"),
    ]
    assert names_and_headings(rows) == [
        "実績または訂正のある自治体（2団体）",
        "戊市",
        "己市",
        "過去の実績から予測した自治体（1団体）",
        "丙市",
        "一般的な慣行による自治体（3団体）",
        "2団体",
        "甲市、丁市",
        "乙市",
    ]


def test_an_election_is_not_what_is_known_of_the_budget() -> None:
    calendar = known_by(Basis.PRACTICE)
    election = Milestone(
        MilestoneKind.HEAD_ELECTION, estimate(date(2027, 4, 25), basis=Basis.MANUAL)
    )
    calendar = replace(calendar, milestones=(*calendar.milestones, election))
    assert names_and_headings([OverviewRow("甲市", calendar)])[0].startswith("一般的な慣行")


def test_who_shares_a_row_is_named_with_the_prefecture_where_there_are_several() -> None:
    rows = [
        OverviewRow("府中市", known_by(Basis.PRACTICE), prefecture)
        for prefecture in ("東京都", "広島県")
    ]
    assert names_and_headings(rows)[1:] == ["2団体", "府中市（東京都）、府中市（広島県）"]
    assert names_and_headings(rows, "en")[1:] == [
        "2 municipalities",
        "府中市 (東京都), 府中市 (広島県)",
    ]


def test_a_prefecture_of_64_has_room() -> None:
    registry = Registry(shipped())
    found = registry.find(Criteria(prefecture="埼玉県"))
    calculator = CalendarCalculator("published")
    rows = [
        OverviewRow(each.name, calculator.calendar(CalendarInputs(each), 2026), each.prefecture)
        for each in found
    ]
    scene, svg = overview(rows, TODAY, "ja")
    assert (len(rows), overlapping(scene), outside(scene, svg)) == (64, [], [])
    written = "、".join(texts(svg))
    assert all(each.name in written for each in found)
    assert "埼玉県　｜　64団体　｜　2026年9月8日（火）現在" in texts(svg)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 27), "supplementary_request_deadline:2"),
        (date(2026, 3, 28), "request_deadline"),
        (date(2026, 10, 30), "request_deadline"),
        (date(2026, 10, 31), None),
    ],
)
def test_the_next_deadline_is_the_first_not_past(today: date, expected: str | None) -> None:
    found = next_deadline(OverviewRow(KIRYU, a_calendar()), today)
    assert (found and found.key) == expected


def test_at_the_end_of_a_year_the_next_deadline_is_in_the_following_one() -> None:
    row = OverviewRow(KIRYU, a_calendar(), following=the_year_after(a_calendar()))
    today = date(2027, 2, 20)
    found = next_deadline(row, today)
    assert found
    assert (found.key, found.likely) == ("supplementary_request_deadline:2", date(2027, 3, 27))
    assert next_deadline(row, date(2027, 3, 28)).likely == date(2027, 10, 30)  # type: ignore[union-attr]
    scene, svg = overview([row], date(2027, 3, 28), "ja")
    assert "予算要求締切  10/30（土）  あと216日  10/26〜11/2 手入力" in texts(svg)
    assert (overlapping(scene), outside(scene, svg)) == ([], [])


@pytest.mark.parametrize(
    ("left_out", "language", "expected"),
    [
        (LeftOut(), "ja", "1団体　｜　2026年9月8日（火）現在"),
        (LeftOut(behind=129), "ja", "該当130団体のうち先頭の1団体　｜　2026年9月8日（火）現在"),
        (LeftOut(behind=129), "en", "The first 1 of 130 municipalities   |   As of Tue 8 Sep 2026"),
        (
            LeftOut(without_calendar=3),
            "ja",
            "ほかに3団体をフォロー中ですが、この年度の予算カレンダーがまだありません。",
        ),
        (
            LeftOut(without_calendar=1),
            "en",
            "1 more municipality is followed, without a calendar of this fiscal year yet.",
        ),
    ],
)
def test_who_is_left_out_is_said(left_out: LeftOut, language: Language, expected: str) -> None:
    rows = [OverviewRow(KIRYU, a_calendar())]
    assert expected in texts(overview_svg(rows, TODAY, language, left_out=left_out))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (TODAY, "予算要求締切  10/30（金）  あと52日  10/26〜11/2 手入力"),
        (date(2026, 10, 30), "予算要求締切  10/30（金）  当日  10/26〜11/2 手入力"),
    ],
)
def test_the_next_deadline_is_written_with_its_window_and_basis(today: date, expected: str) -> None:
    assert expected in texts(overview_svg([OverviewRow(KIRYU, a_calendar())], today))


def test_nobody_to_show_is_said() -> None:
    assert "該当する自治体はありません。" in texts(overview_svg([], TODAY))


def test_more_than_eighty_are_refused() -> None:
    with pytest.raises(DomainError, match="up to 80 municipalities, not 81") as refused:
        overview_svg([OverviewRow(KIRYU, a_calendar())] * (MOST_ROWS + 1), TODAY)
    assert refused.value.code == "too_many_rows"


def test_two_fiscal_years_are_refused() -> None:
    other = replace(a_calendar(), fiscal_year=2027)
    with pytest.raises(DomainError, match="one fiscal year, not 2026, 2027"):
        overview_svg([OverviewRow(KIRYU, a_calendar()), OverviewRow(KIRYU, other)], TODAY)


def test_rows_of_a_whole_picture_become_pixels_within_seconds_of_processor_time() -> None:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(MOST_ROWS)]
    svg = overview_svg([OverviewRow(KIRYU, known_by(Basis.MANUAL, day)) for day in days], TODAY)
    began = time.process_time()
    png(svg)
    assert time.process_time() - began < 3  # about 0.9 s on an idle machine
