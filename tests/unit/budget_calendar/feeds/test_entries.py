from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import icalendar
import pytest

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.wording import NO_LEGAL_ADVICE, Language, in_language
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit.commands import Pause
from budget_calendar.feeds.entries import FeedCalendar, calendar_events, pursuit_events
from budget_calendar.feeds.icalendar import write_feed
from kakehashi_common.domain.texts import Text
from tests.support.budget_calendars import KIRYU as CITY
from tests.support.budget_pictures import KIRYU, a_calendar, estimate
from tests.support.pursuits import OWNER, Life

LANGUAGES = get_args(Language)
COMPUTED = datetime(2026, 4, 2, 1, 30, tzinfo=UTC)
NAME = Text("群馬の予算", "Gunma's budgets")
REQUEST_DEADLINE = "102032.2026.request_deadline@budget-calendar.kakehashi"


def feed(
    calendar: BudgetCalendar | None = None,
    language: Language = "ja",
    *,
    version: int = 1,
    computed_at: datetime = COMPUTED,
    phases: bool = True,
) -> bytes:
    source = FeedCalendar(calendar or a_calendar(), KIRYU, version, computed_at)
    events = calendar_events([source], language, phases=phases)
    return write_feed(events, NAME, language)


def parse(written: bytes) -> Any:
    """Read back; ``Any``, as a property may be of any of thirty types."""
    return icalendar.Calendar.from_ical(written)


def events(written: bytes) -> dict[str, Any]:
    parsed = parse(written)
    return {str(event["uid"]): event for event in parsed.walk("VEVENT")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_end_and_fold_as_rfc_5545_says(language: Language) -> None:
    written = feed(language=language)
    assert written.endswith(b"END:VCALENDAR\r\n")
    lines = written.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert [line.decode() for line in lines]  # no character is cut in two


def test_the_feed_states_its_name_and_when_to_refresh() -> None:
    parsed = parse(feed())
    assert parsed["x-wr-calname"] == "群馬の予算"
    assert parsed["name"] == "群馬の予算"
    assert parsed["x-wr-timezone"] == "Asia/Tokyo"
    assert parsed["refresh-interval"].dt == timedelta(hours=12)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in feed()
    assert parsed.errors == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_milestone_and_phase_is_one_event(language: Language) -> None:
    calendar = a_calendar()
    found = events(feed(language=language))
    assert len(found) == len(calendar.milestones) + len(calendar.phases)
    assert len(events(feed(language=language, phases=False))) == len(calendar.milestones)


def test_a_milestone_lies_on_its_likely_day_and_shows_its_window() -> None:
    event = events(feed())[REQUEST_DEADLINE]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 10, 30), date(2026, 10, 31))
    assert event["summary"] == "桐生市 予算要求締切（見込み 10/26〜11/2）"
    assert event["status"] == "TENTATIVE"
    assert str(event["description"]).split("\n") == [
        "令和8年度",
        "最も見込まれる日: 2026年10月30日（金）",
        "見込みの幅: 2026年10月26日（月）〜2026年11月2日（月）",
        "根拠: 手入力",
        "出典: a source & <more>",
        "確からしさ: 約60%（この範囲に収まる割合の目安）",
        "担当者に確認済み。",
        "",
        NO_LEGAL_ADVICE.ja,
    ]


def test_a_sure_day_is_confirmed_without_a_window() -> None:
    event = events(feed(language="en"))["102032.2026.submission_deadline@budget-calendar.kakehashi"]
    assert event["summary"] == "Kiryu: Submission deadline by law"
    assert event["status"] == "CONFIRMED"


def test_a_phase_spans_its_likely_days() -> None:
    event = events(feed())["102032.2026.phase.summer_review@budget-calendar.kakehashi"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 7, 1), date(2026, 10, 1))
    assert event["summary"] == "桐生市 【段階】サマーレビュー・参考見積"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_event_blocks_time_or_rings(language: Language) -> None:
    for event in events(feed(language=language)).values():
        assert event["transp"] == "TRANSPARENT"
        assert event.subcomponents == []
        assert in_language(NO_LEGAL_ADVICE, language) in event["description"]
        assert event["dtstart"].params["value"] == "DATE"


def test_categories_name_kind_municipality_and_basis() -> None:
    assert list(events(feed())[REQUEST_DEADLINE]["categories"].cats) == ["節目", "桐生市", "手入力"]


def test_a_revision_moves_the_event_that_subscribers_have() -> None:
    before = a_calendar()
    moved = tuple(
        replace(m, estimate=estimate(date(2026, 10, 15))) if m.key == "request_deadline" else m
        for m in before.milestones
    )
    later = COMPUTED + timedelta(days=30)
    old = events(feed(before))
    new = events(feed(replace(before, milestones=moved), version=2, computed_at=later))
    assert set(old) == set(new)
    assert new[REQUEST_DEADLINE]["dtstart"].dt == date(2026, 10, 15)
    for uid, event in new.items():
        assert event["sequence"] == old[uid]["sequence"] + 1
        assert event["last-modified"].dt == event["dtstamp"].dt == later


def test_two_municipalities_share_a_feed() -> None:
    sources = [
        FeedCalendar(a_calendar(), KIRYU, 1, COMPUTED),
        FeedCalendar(replace(a_calendar(), code="102024"), Text("高崎市", "Takasaki"), 7, COMPUTED),
    ]
    found = events(write_feed(calendar_events(sources, "ja"), NAME, "ja"))
    assert len(found) == 32
    assert {int(event["sequence"]) for event in found.values()} == {1, 7}


def test_the_same_calendars_give_the_same_bytes() -> None:
    assert feed() == feed()


def test_a_feed_of_nothing_is_still_a_calendar() -> None:
    assert events(write_feed([], NAME, "ja")) == {}


@pytest.mark.parametrize("days", [0, 5])
def test_an_alarm_rings_at_nine_so_many_days_before_a_milestone_and_never_for_a_phase(
    days: int,
) -> None:
    source = FeedCalendar(a_calendar(), KIRYU, 1, COMPUTED)
    written = write_feed(calendar_events([source], "ja"), NAME, "ja", alarm_days=days)
    found = events(written)
    [alarm] = found[REQUEST_DEADLINE].walk("VALARM")
    assert alarm["trigger"].dt == timedelta(hours=9) - timedelta(days=days)
    assert alarm["action"] == "DISPLAY"
    assert "予算要求締切" in alarm["description"]
    assert [e for uid, e in found.items() if ".phase." in uid and e.walk("VALARM")] == []
    assert b"VALARM" not in feed()


def a_pursuit() -> Life:
    goal = PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES, years=5)
    return Life(goal, date(2026, 5, 11))


def test_no_alarm_rings_for_a_pursuit_that_is_paused() -> None:
    life = a_pursuit()

    def alarms() -> int:
        steps = pursuit_events([(CITY, life.state, COMPUTED)], "ja")
        return len(parse(write_feed(steps, NAME, "ja", alarm_days=3)).walk("VALARM"))

    assert alarms()
    life.do(Pause(date(2026, 9, 1), OWNER))
    assert not alarms()


def test_what_was_stored_before_texts_were_checked_is_written_out() -> None:
    state = replace(a_pursuit().state, owner="fs\x1b-east", pursuit_id="deal")
    written = write_feed(pursuit_events([(CITY, state, COMPUTED)], "ja"), NAME, "ja")
    assert b"\x1b" not in written
    assert rb"fs\\x1b-east" in written
