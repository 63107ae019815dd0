from collections.abc import Callable
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.domain.budget_year.wording import Language
from budget_calendar.pictures.events import (
    BarKind,
    EventKind,
    SequenceBar,
    SequenceEvent,
    event_mark,
)
from budget_calendar.pictures.sequence import MOST_EVENTS, sequence, sequence_svg
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from tests.support.picture_checks import outside, overlapping, texts, tooltips

LANGUAGES = get_args(Language)
TITLE = Text("5年間", "Five years")
PURSUIT = Text("商談: 窓口支援", "Pursuit: counter support")


def story() -> list[SequenceEvent]:
    lines = [
        ((2026, 4, 20), "実証実験の開始", "PoC begins", EventKind.STEP),
        ((2026, 10, 19), "要求の確認がない", "Request not confirmed", EventKind.REMINDER),
        ((2027, 1, 26), "査定で削減", "Cut at assessment", EventKind.SETBACK),
        ((2027, 2, 1), "6月補正に変更", "Moved to June", EventKind.REVISION),
        ((2027, 6, 24), "補正予算で議決", "Voted", EventKind.SUCCESS),
        ((2031, 3, 20), "更新予算の議決", "Renewal voted", EventKind.SUCCESS),
    ]
    return [
        SequenceEvent(date(2026, 4, 1), "桐生市", Text("年度開始", "Year"), EventKind.PHASE),
        SequenceEvent(date(2026, 10, 30), "桐生市", Text("締切", "Deadline"), EventKind.MILESTONE),
        *(SequenceEvent(date(*d), PURSUIT, Text(ja, en), kind) for d, ja, en, kind in lines),
    ]


EVENTS = st.builds(
    SequenceEvent,
    day=st.dates(date(2026, 1, 1), date(2031, 12, 31)),
    lane=st.sampled_from(["甲市", "乙町", PURSUIT]),
    label=st.sampled_from(["議決", "第3回定例会 補正予算の要求締切", "A very long label " * 9]),
    kind=st.sampled_from(EventKind),
)


def bars() -> list[SequenceBar]:
    phase, town = Text("要求", "Requests"), "桐生市"
    return [
        SequenceBar(
            date(2026, 4, 20),
            date(2027, 1, 31),
            PURSUIT,
            Text("当初予算", "Initial budget"),
            BarKind.ROUTE,
        ),
        SequenceBar(
            date(2027, 7, 15),
            date(2032, 3, 31),
            PURSUIT,
            Text("契約・履行", "Under contract"),
            BarKind.CONTRACT,
        ),
        SequenceBar(
            date(2026, 10, 9), date(2026, 10, 30), town, phase, BarKind.PHASE, "各課の要求"
        ),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_the_committed_one(
    language: Language, agrees_with: Callable[[str, str], bool]
) -> None:
    svg = sequence_svg(story(), TITLE, language, bars=bars(), today=date(2027, 6, 1))
    assert agrees_with(svg, f"sequence-{language}.svg"), "pytest --rewrite-golden if this is wanted"


@settings(deadline=None, max_examples=40)
@given(
    events=st.lists(EVENTS, min_size=1, max_size=60),
    language=st.sampled_from(LANGUAGES),
    today=st.none() | st.dates(date(2026, 1, 1), date(2031, 12, 31)),
)
def test_no_text_overlaps_another_or_leaves_the_picture(
    events: list[SequenceEvent], language: Language, today: date | None
) -> None:
    scene, svg = sequence(events, TITLE, language, today=today)
    assert overlapping(scene) == []
    assert outside(scene, svg) == []
    assert len(tooltips(svg)) == len(events)


def test_years_and_lanes_without_events_take_no_room() -> None:
    written = texts(sequence_svg(story(), TITLE))
    assert [t for t in written if t.startswith("令和")] == [f"令和{n}年度" for n in range(8, 13)]
    assert written.count("桐生市") == 1


def test_what_finds_no_room_keeps_its_mark_and_is_counted() -> None:
    day = date(2026, 7, 1)
    events = [SequenceEvent(day, "甲市", f"事件{n}", EventKind.STEP) for n in range(54)]
    scene, svg = sequence(events, TITLE, "ja")
    assert sum(label.text.startswith("7/1 事件") for label in scene.labels) == 48
    assert any("6件は印のみ" in text for text in texts(svg))
    assert sum("事件" in tooltip for tooltip in tooltips(svg)) == 54


@pytest.mark.parametrize(
    ("with_bars", "expected"),
    [(True, ["商談: 窓口支援", "桐生市"]), (False, ["桐生市", "商談: 窓口支援"])],
)
def test_lanes_with_bars_come_first_in_the_order_given(
    *, with_bars: bool, expected: list[str]
) -> None:
    scene, svg = sequence(story(), TITLE, "ja", bars=bars() if with_bars else ())
    names = [label.text for label in scene.labels if label.left == 36 and label.top > 100]
    assert list(dict.fromkeys(names)) == expected
    assert (overlapping(scene), outside(scene, svg)) == ([], [])


def test_a_bar_says_what_it_is_and_goes_on_in_the_next_strip() -> None:
    scene, svg = sequence(story(), TITLE, "ja", bars=bars())
    assert [label.text for label in scene.labels].count("契約・履行") == 4  # three strips, legend
    told = "各課の要求\n予算編成の段階\n10/9（金）〜10/30（金）"
    assert told in tooltips(svg)


def test_what_is_folded_is_a_mark_with_its_label_under_the_pointer() -> None:
    folded = SequenceEvent(
        date(2026, 10, 30), "桐生市", "予算要求締切", EventKind.MILESTONE, folded=True
    )
    scene, svg = sequence([folded, *story()[2:]], TITLE, "ja", bars=bars())
    assert "予算要求締切" not in " ".join(label.text for label in scene.labels)
    assert "2026年10月30日（金） 予算要求締切\n節目" in tooltips(svg)
    assert any("印だけで示しています" in text for text in texts(svg))


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2028, 3, 20)])
def test_no_label_is_cut_and_no_date_is_broken(day: date) -> None:
    long = (
        "第2回定例会の補正予算に載せるには、担当課から財政課への要求が2027年4月10日頃までに必要です"
        "（残り7開庁日）。契約の準備を始める時期です（期限2027年9月6日）。"
    )
    events = [SequenceEvent(day, "甲市", long, EventKind.REMINDER)] * 3
    scene, svg = sequence(events, TITLE, "ja")
    assert (overlapping(scene), outside(scene, svg)) == ([], [])
    lines = [label.text for label in scene.labels]
    assert "…" not in "".join(lines)
    for date_told in ("2027年4月10日頃", "2027年9月6日", "7開庁日"):
        assert sum(date_told in line for line in lines) == 3


def test_each_kind_has_its_own_mark() -> None:
    assert len({event_mark(kind, 0, 0) for kind in EventKind}) == len(EventKind)


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([], "no_events"),
        (story()[:1] * (MOST_EVENTS + 1), "too_many_events"),
        (
            [story()[0], SequenceEvent(date(2046, 4, 1), "甲", "乙", EventKind.STEP)],
            "too_many_years",
        ),
    ],
)
def test_what_no_picture_can_show_is_refused(events: list[SequenceEvent], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        sequence_svg(events, TITLE)
    assert refused.value.code == code


def test_an_event_on_every_day_of_five_years_is_drawn() -> None:
    days = [date(2026, 4, 1) + timedelta(days=n) for n in range(5 * 365)]
    events = [SequenceEvent(day, "甲市", "事件", EventKind.STEP) for day in days]
    scene, svg = sequence(events, TITLE, "ja")
    assert overlapping(scene) == []
    assert len(tooltips(svg)) == len(events)
