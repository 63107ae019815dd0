import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.refusals import RefusedError
from budget_calendar.domain.texts import Text
from budget_calendar.pictures.overview import (
    MOST_ROWS,
    LeftOut,
    OverviewRow,
    next_deadline,
    overview,
    overview_svg,
)
from budget_calendar.pictures.png import png
from budget_calendar.wording import Language
from tests.support.budget_pictures import KIRYU, a_calendar, calendars, the_year_after
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


def test_rows_stay_in_the_order_given() -> None:
    names = ["乙", "甲", "丙"]
    written = texts(overview_svg([OverviewRow(n, a_calendar()) for n in names], TODAY))
    assert [text for text in written if text in names] == names


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
    assert "予算要求締切  10/30  あと216日  10/26〜11/2 手入力" in texts(svg)
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
        (TODAY, "予算要求締切  10/30  あと52日  10/26〜11/2 手入力"),
        (date(2026, 10, 30), "予算要求締切  10/30  当日  10/26〜11/2 手入力"),
    ],
)
def test_the_next_deadline_is_written_with_its_window_and_basis(today: date, expected: str) -> None:
    assert expected in texts(overview_svg([OverviewRow(KIRYU, a_calendar())], today))


def test_nobody_to_show_is_said() -> None:
    assert "該当する自治体はありません。" in texts(overview_svg([], TODAY))


def test_more_than_fifty_are_refused() -> None:
    with pytest.raises(RefusedError, match="up to 50 municipalities, not 51") as refused:
        overview_svg([OverviewRow(KIRYU, a_calendar())] * (MOST_ROWS + 1), TODAY)
    assert refused.value.code == "too_many_rows"


def test_two_fiscal_years_are_refused() -> None:
    other = replace(a_calendar(), fiscal_year=2027)
    with pytest.raises(RefusedError, match="one fiscal year, not 2026, 2027"):
        overview_svg([OverviewRow(KIRYU, a_calendar()), OverviewRow(KIRYU, other)], TODAY)


def test_fifty_rows_become_pixels_within_seconds_of_processor_time() -> None:
    svg = overview_svg([OverviewRow(KIRYU, a_calendar())] * MOST_ROWS, TODAY)
    began = time.process_time()
    png(svg)
    assert time.process_time() - began < 3  # about 0.9 s on an idle machine
