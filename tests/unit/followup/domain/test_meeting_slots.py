"""When a seller is free, and which times a text offers."""

from datetime import date, datetime, timedelta

import pytest

from followup.domain.meeting_slots import Span, free_slots, offered, written
from kakehashi_common.domain.business_time import JAPAN

DAY = date(2026, 12, 8)


def span(first: str, last: str, day: int = 8) -> Span:
    return Span(
        *(datetime.fromisoformat(f"2026-12-{day:02}T{each}+09:00") for each in (first, last))
    )


def hours(slots: list[Span]) -> list[str]:
    return [f"{each.starts.astimezone(JAPAN):%H:%M}" for each in slots]


@pytest.mark.parametrize(
    ("busy", "free"),
    [
        ([], ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]),
        ([span("09:30", "10:00")], ["10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]),
        ([span("10:00", "11:00")], ["09:00", "11:00", "13:00", "14:00", "15:00", "16:00"]),
        ([span("10:59", "13:01")], ["09:00", "14:00", "15:00", "16:00"]),
        ([span("12:00", "13:00")], ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]),
        ([span("00:00", "23:59")], []),
        ([span("09:00", "12:00"), span("08:00", "16:00")], ["16:00"]),
    ],
)
def test_a_slot_overlaps_nothing_and_no_lunch(busy: list[Span], free: list[str]) -> None:
    assert hours(free_slots(busy, [DAY])) == free


def test_slots_have_the_length_that_is_asked_for() -> None:
    slots = free_slots([], [DAY], timedelta(minutes=30))
    assert hours(slots)[:3] == ["09:00", "09:30", "10:00"]
    assert len(slots) == 14


def test_three_times_are_offered_on_different_days_by_turns() -> None:
    days = [date(2026, 12, each) for each in (8, 9, 10, 11)]
    found = offered(free_slots([span("09:00", "10:00", 10)], days))
    assert written(found).splitlines() == [
        "・2026年12月8日（火）09:00～10:00",
        "・2026年12月9日（水）13:00～14:00",
        "・2026年12月10日（木）10:00～11:00",
    ]


def test_what_is_left_of_a_day_is_offered() -> None:
    days = [DAY, date(2026, 12, 9)]
    busy = [span("09:00", "12:00"), span("13:00", "17:00", 9)]
    assert hours(offered(free_slots(busy, days))) == ["13:00", "09:00"]
    assert written(offered([])) == ""
