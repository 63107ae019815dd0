import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.budget_year.wording import SHORT_BASES, Language, in_language
from budget_calendar.domain.windows import Basis
from budget_calendar.pictures.items import GROUPS
from budget_calendar.pictures.marks import mark
from budget_calendar.pictures.timeline import timeline, timeline_svg
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.scene import Label
from tests.support.budget_pictures import KIRYU, a_calendar, calendars, estimate
from tests.support.picture_checks import SVG, outside, overlapping, texts, tooltips

LANGUAGES = get_args(Language)
TODAY = date(2026, 9, 8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_the_committed_one(
    language: Language, agrees_with: Callable[[str, str], bool]
) -> None:
    svg = timeline_svg(a_calendar(), KIRYU, TODAY, language)
    assert agrees_with(svg, f"timeline-{language}.svg"), "pytest --rewrite-golden if this is wanted"


@settings(deadline=None, max_examples=40)
@given(
    calendar=calendars(),
    today=st.dates(date(2026, 3, 1), date(2027, 4, 30)),
    language=st.sampled_from(LANGUAGES),
)
def test_no_text_overlaps_another_or_leaves_the_picture(
    calendar: BudgetCalendar, today: date, language: Language
) -> None:
    scene, svg = timeline(calendar, KIRYU, today, language)
    assert overlapping(scene) == []
    assert outside(scene, svg) == []


def test_every_kind_of_milestone_has_its_place() -> None:
    placed = [kind for kinds in GROUPS.values() for kind in kinds]
    assert sorted(placed) == sorted(MilestoneKind)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "ja",
            {
                "桐生市 令和8年度 予算カレンダー",
                "今日 9/8（火）",
                "予算要求締切",
                "10/30（金）",
                "手入力",
            },
        ),
        (
            "en",
            {
                "Kiryu: budget calendar of fiscal year 2026 (令和8年度)",
                "Today Tue 8 Sep",
                "Request deadline",
                "Fri 30 Oct",
                "manual",
            },
        ),
    ],
)
def test_it_names_municipality_year_today_and_dates(language: Language, expected: set[str]) -> None:
    assert expected <= set(texts(timeline_svg(a_calendar(), KIRYU, TODAY, language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_skeleton_budget_and_warnings_are_reported(language: Language) -> None:
    told = " ".join(texts(timeline_svg(a_calendar(), KIRYU, TODAY, language)))
    assert "62%" in told
    assert in_language(a_calendar().warnings[0], language) in told
    without = replace(a_calendar(), skeleton=None)
    assert "62%" not in " ".join(texts(timeline_svg(without, KIRYU, TODAY, language)))


def rows(calendar: BudgetCalendar, today: date, language: Language = "ja") -> list[list[str]]:
    """Return the texts of each line of the picture below the phases, from left to right."""
    scene, _ = timeline(calendar, KIRYU, today, language)
    by_line: dict[float, list[Label]] = {}
    for label in scene.labels:
        by_line.setdefault(round((label.top + label.bottom) / 2, 1), []).append(label)
    lines = [
        [each.text for each in sorted(found, key=lambda each: each.left)]
        for _, found in sorted(by_line.items())
    ]
    first = next(
        n for n, line in enumerate(lines) if line == [in_language(next(iter(GROUPS)), language)]
    )
    return lines[first:]


def test_each_block_is_in_the_order_of_days_with_weekdays_and_the_next_one_marked() -> None:
    assert rows(a_calendar(), TODAY)[:10] == [
        ["予算編成の節目"],
        ["次", "予算要求締切", "10/30（金）", "手入力"],
        ["予算内示", "1/26（火）", "慣行"],
        ["予算の議会提出期限", "3/11（木）", "法令"],
        ["当初予算の議決", "3/17（水）", "予測"],
        ["議会と補正予算"],
        ["第2回定例会 補正予算の要求締切", "← 3/27（金）", "慣行"],
        ["第2回定例会", "6/5（金）〜6/24（水）", "実績・予測"],
        ["年度・決算・国・人事"],
        ["年度開始", "4/1（水）", "法令"],
    ]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 1), ["予算要求締切", "第2回定例会 補正予算の要求締切", "年度開始"]),
        (date(2026, 6, 5), ["予算要求締切", "第2回定例会"]),
        (date(2026, 10, 30), ["予算要求締切"]),
        (date(2026, 10, 31), ["予算内示"]),
        (date(2027, 3, 18), []),
    ],
)
def test_what_comes_next_is_marked_in_each_block(today: date, expected: list[str]) -> None:
    assert [row[1] for row in rows(a_calendar(), today) if row[0] == "次"] == expected


def test_a_vote_before_its_session_opens_is_shown_as_it_is_known() -> None:
    opens, vote = (
        m
        for m in a_calendar().milestones
        if m.kind in {MilestoneKind.SESSION_OPENS, MilestoneKind.SESSION_VOTE}
    )
    corrected = replace(opens, estimate=estimate(date(2026, 7, 1), basis=Basis.MANUAL))
    shown = texts(timeline_svg(replace(a_calendar(), milestones=(vote, corrected)), KIRYU, TODAY))
    assert {"第2回定例会 開会", "第2回定例会 最終議決日"} <= set(shown)


@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2027, 4, 1)])
def test_outside_the_year_there_is_no_line_for_today(today: date) -> None:
    assert not any(
        "今日" in text or "現在" in text for text in texts(timeline_svg(a_calendar(), KIRYU, today))
    )


def test_each_basis_has_its_own_shape_and_word() -> None:
    shapes = {ET.fromstring(mark(basis, 0, 0)).tag for basis in Basis}  # noqa: S314
    assert shapes == {"polygon", "circle", "rect"}
    assert mark(Basis.MANUAL, 0, 0).count(",") == 3
    assert mark(Basis.PREDICTED, 0, 0).count(",") == 4
    assert len({text.ja for text in SHORT_BASES.values()}) == len(Basis)


def test_a_tooltip_says_all_that_is_known() -> None:
    assert (
        "予算要求締切\n"
        "最も見込まれる日: 2026年10月30日（金）\n"
        "見込みの幅: 2026年10月26日（月）〜2026年11月2日（月）\n"
        "根拠: 手入力\n"
        "出典: a source & <more>\n"
        "確からしさ: 約60%（この範囲に収まる割合の目安）\n"
        "担当者に確認済み。"
    ) in tooltips(timeline_svg(a_calendar(), KIRYU, TODAY))


def test_people_who_cannot_see_it_are_refused() -> None:
    root = ET.fromstring(timeline_svg(a_calendar(), KIRYU, TODAY))  # noqa: S314
    assert root.attrib["role"] == "img"
    named = [root.find(f"{SVG}title"), root.find(f"{SVG}desc")]
    assert root.attrib["aria-labelledby"].split() == [
        e.attrib["id"] for e in named if e is not None
    ]
    assert "予算要求締切 10/30" in (root.findtext(f"{SVG}desc") or "")


def test_names_with_markup_stay_text() -> None:
    svg = timeline_svg(a_calendar(), Text("<b>&市", "x"), TODAY)
    assert "<b>&市 令和8年度 予算カレンダー" in texts(svg)


def test_a_very_long_name_is_shortened() -> None:
    scene, svg = timeline(a_calendar(), "長い名前" * 40, TODAY, "ja")
    assert outside(scene, svg) == []
