from collections.abc import Callable
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.domain.refusals import RefusedError
from budget_calendar.domain.texts import Text
from budget_calendar.pictures.events import EventKind, SequenceEvent, event_mark
from budget_calendar.pictures.sequence import MOST_EVENTS, sequence, sequence_svg
from budget_calendar.wording import Language
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_the_committed_one(
    language: Language, agrees_with: Callable[[str, str], bool]
) -> None:
    svg = sequence_svg(story(), TITLE, language, today=date(2027, 6, 1))
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
    events = [SequenceEvent(day, "甲市", f"事件{n}", EventKind.STEP) for n in range(20)]
    scene, svg = sequence(events, TITLE, "ja")
    assert sum(label.text.startswith("7/1 事件") for label in scene.labels) == 16
    assert any("4件は印のみ" in text for text in texts(svg))
    assert sum("事件" in tooltip for tooltip in tooltips(svg)) == 20


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
    with pytest.raises(RefusedError) as refused:
        sequence_svg(events, TITLE)
    assert refused.value.code == code


def test_an_event_on_every_day_of_five_years_is_drawn() -> None:
    days = [date(2026, 4, 1) + timedelta(days=n) for n in range(5 * 365)]
    events = [SequenceEvent(day, "甲市", "事件", EventKind.STEP) for day in days]
    scene, svg = sequence(events, TITLE, "ja")
    assert overlapping(scene) == []
    assert len(tooltips(svg)) == len(events)
