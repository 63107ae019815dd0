"""Business time: durations that count working hours only."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.business_time import (
    WEEKDAYS,
    Absence,
    BusinessTime,
    Hours,
    NoWorkingHoursError,
)

OFFICE = (Hours(time(9), time(12)), Hours(time(13), time(18)))
WITHOUT_LUNCH = (Hours(time(9), time(18)),)
HOLIDAYS = {
    date(2026, 4, 29),
    date(2026, 5, 3),
    date(2026, 5, 4),
    date(2026, 5, 5),
    date(2026, 5, 6),
    date(2026, 11, 23),
}


def is_business_day(day: date) -> bool:
    month_and_day = (day.month, day.day)
    return day not in HOLIDAYS and (1, 3) < month_and_day < (12, 29)


def weekly(*hours: Hours, absences: tuple[Absence, ...] = ()) -> BusinessTime:
    return BusinessTime(is_business_day, dict.fromkeys(WEEKDAYS, hours), absences)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-11-27 17:50", 2, "2026-11-30 10:50", id="Friday 17:50 + 2 h"),
        pytest.param("2026-11-28 12:00", 4, "2026-11-30 14:00", id="begins on a Saturday"),
        pytest.param("2026-11-30 11:00", 2, "2026-11-30 14:00", id="over lunch"),
        pytest.param("2026-11-30 12:30", 1, "2026-11-30 14:00", id="begins at lunch"),
        pytest.param("2026-11-30 09:00", 3, "2026-11-30 12:00", id="ends when lunch begins"),
        pytest.param("2026-11-30 09:00", 8, "2026-11-30 18:00", id="ends with the day"),
        pytest.param("2026-11-27 18:00", 8, "2026-11-30 18:00", id="from close of business"),
        pytest.param("2026-12-28 17:00", 2, "2027-01-04 10:00", id="over 29 Dec-3 Jan"),
        pytest.param("2026-12-31 12:00", 1, "2027-01-04 10:00", id="begins on New Year's Eve"),
        pytest.param("2026-04-28 17:00", 10, "2026-05-01 10:00", id="over 昭和の日"),
        pytest.param("2026-05-01 17:00", 3, "2026-05-07 11:00", id="over Golden Week"),
        pytest.param("2026-11-20 17:00", 2, "2026-11-24 10:00", id="over a holiday on a Monday"),
        pytest.param("2026-11-28 12:00", 0, "2026-11-28 12:00", id="nothing to wait for"),
    ],
)
def test_due_after_so_many_business_hours(start: str, hours: int, due: str) -> None:
    office = weekly(*OFFICE)
    assert office.add(at(start), timedelta(hours=hours)) == at(due)
    assert office.between(at(start), at(due)) == timedelta(hours=hours)


def test_lunch_is_optional() -> None:
    assert weekly(*WITHOUT_LUNCH).add(at("2026-11-30 11:00"), timedelta(hours=2)) == at(
        "2026-11-30 13:00"
    )


def test_a_clock_stands_still_while_a_member_is_absent() -> None:
    leave = Absence(at("2026-11-30 14:00"), at("2026-12-02 10:00"))
    overlapping = Absence(at("2026-12-01 09:00"), at("2026-12-02 11:00"))
    office = weekly(*OFFICE, absences=(overlapping, leave))
    assert office.add(at("2026-11-30 13:00"), timedelta(hours=2)) == at("2026-12-02 12:00")
    assert not office.is_open(at("2026-12-01 10:00"))
    assert office.next_open(at("2026-11-30 14:00")) == at("2026-12-02 11:00")


def test_a_holiday_decreed_later_moves_what_is_due() -> None:
    decreed: set[date] = set()
    office = BusinessTime(lambda day: day not in decreed, dict.fromkeys(WEEKDAYS, OFFICE))
    start, two_hours = at("2026-11-30 17:00"), timedelta(hours=2)
    assert office.add(start, two_hours) == at("2026-12-01 10:00")
    decreed.add(date(2026, 12, 1))
    assert office.add(start, two_hours) == at("2026-12-02 10:00")


@pytest.mark.parametrize(
    ("instant", "is_open", "next_open"),
    [
        ("2026-11-30 08:59", False, "2026-11-30 09:00"),
        ("2026-11-30 09:00", True, "2026-11-30 09:00"),
        ("2026-11-30 12:00", False, "2026-11-30 13:00"),
        ("2026-11-30 17:59", True, "2026-11-30 17:59"),
        ("2026-11-30 18:00", False, "2026-12-01 09:00"),
        ("2026-11-29 10:00", False, "2026-11-30 09:00"),
    ],
)
def test_when_it_is_open(instant: str, *, is_open: bool, next_open: str) -> None:
    office = weekly(*OFFICE)
    assert office.is_open(at(instant)) is is_open
    assert office.next_open(at(instant)) == at(next_open)


def test_instants_in_other_time_zones_are_the_same_instants() -> None:
    office = weekly(*OFFICE)
    start = at("2026-11-27 17:50").astimezone(UTC)
    assert office.add(start, timedelta(hours=2)) == at("2026-11-30 10:50")


def test_a_shift_may_end_at_midnight() -> None:
    late = weekly(Hours(time(20), time(0)))
    assert late.add(at("2026-11-30 23:00"), timedelta(hours=2)) == at("2026-12-01 21:00")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        pytest.param({}, "no weekday has working hours", id="none"),
        pytest.param({0: ()}, "no weekday has working hours", id="an empty day"),
        pytest.param({7: OFFICE}, "0 \\(Monday\\) to 6", id="no weekday"),
        pytest.param(
            {0: (Hours(time(9), time(13)), Hours(time(12), time(18)))},
            "hours overlap: 09:00-13:00 and 12:00-18:00",
            id="overlap",
        ),
    ],
)
def test_impossible_hours_are_refused(hours: dict[int, tuple[Hours, ...]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BusinessTime(is_business_day, hours)


def test_hours_that_close_before_they_open_are_refused() -> None:
    with pytest.raises(ValueError, match="closes at 09:00, before it opens at 18:00"):
        Hours(time(18), time(9))


def test_an_absence_without_end_is_said_and_not_searched_for_ever() -> None:
    gone = Absence(at("2026-11-30 00:00"), datetime.max.replace(tzinfo=UTC) - timedelta(days=1))
    office = weekly(*OFFICE, absences=(gone,))
    with pytest.raises(NoWorkingHoursError, match="no working hours from 2026-12-01"):
        office.add(at("2026-12-01 09:00"), timedelta(hours=1))
    assert office.between(at("2026-12-01 09:00"), at("2027-12-01 09:00")) == timedelta(0)


INSTANTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    lambda since: datetime(2026, 1, 1, tzinfo=TOKYO) + since
)
DURATIONS = st.timedeltas(timedelta(0), timedelta(hours=200))
SCHEDULES = st.builds(
    lambda hours, absences: weekly(*hours, absences=tuple(absences)),
    st.sampled_from([OFFICE, WITHOUT_LUNCH, (Hours(time(20), time(0)),)]),
    st.lists(
        st.builds(
            lambda start, length: Absence(start, start + length),
            INSTANTS,
            st.timedeltas(timedelta(minutes=1), timedelta(days=20)),
        ),
        max_size=4,
    ),
)


@given(SCHEDULES, INSTANTS, DURATIONS, DURATIONS)
def test_durations_add_up(
    schedule: BusinessTime, start: datetime, one: timedelta, other: timedelta
) -> None:
    assert schedule.add(schedule.add(start, one), other) == schedule.add(start, one + other)
    assert schedule.between(start, schedule.add(start, one)) == one


@given(SCHEDULES, st.lists(INSTANTS, min_size=3, max_size=3).map(sorted))
def test_spans_add_up(schedule: BusinessTime, instants: list[datetime]) -> None:
    first, middle, last = instants
    assert schedule.between(first, last) == (
        schedule.between(first, middle) + schedule.between(middle, last)
    )


@given(SCHEDULES, INSTANTS, INSTANTS, DURATIONS)
def test_who_starts_later_is_never_due_earlier(
    schedule: BusinessTime, one: datetime, other: datetime, duration: timedelta
) -> None:
    earlier, later = sorted((one, other))
    assert schedule.add(earlier, duration) <= schedule.add(later, duration)


MINUTES_A_DAY = 24 * 60


def test_ten_thousand_random_schedules_agree_with_a_count_of_minutes() -> None:
    random_numbers = random.Random(20261129)  # noqa: S311 - no secret
    for _ in range(10_000):
        first_day = date(2026, 1, 1) + timedelta(days=random_numbers.randrange(700))
        midnight = datetime.combine(first_day, time(), TOKYO)
        cuts = sorted(random_numbers.sample(range(MINUTES_A_DAY), 4))
        morning, afternoon = (cuts[0], cuts[1]), (cuts[2], cuts[3])
        closed = {first_day + timedelta(days=random_numbers.randrange(6)) for _ in range(2)}
        start, end = sorted(random_numbers.sample(range(6 * MINUTES_A_DAY), 2))
        gone, back = sorted(random_numbers.sample(range(6 * MINUTES_A_DAY), 2))

        minutes = bytearray(6 * MINUTES_A_DAY)
        for day in range(6):
            if first_day + timedelta(days=day) not in closed:
                for opens, closes in (morning, afternoon):
                    base = day * MINUTES_A_DAY
                    minutes[base + opens : base + closes] = b"\1" * (closes - opens)
        minutes[gone:back] = bytes(back - gone)

        hours = tuple(Hours(_time(opens), _time(closes)) for opens, closes in (morning, afternoon))
        schedule = BusinessTime(
            open_except(closed),
            dict.fromkeys(range(7), hours),
            [Absence(midnight + timedelta(minutes=gone), midnight + timedelta(minutes=back))],
        )
        counted = timedelta(minutes=minutes[start:end].count(1))
        from_instant = midnight + timedelta(minutes=start)
        until = midnight + timedelta(minutes=end)
        assert schedule.between(from_instant, until) == counted
        if counted:
            assert schedule.add(from_instant, counted) <= until
            assert schedule.between(from_instant, schedule.add(from_instant, counted)) == counted


def open_except(closed: set[date]) -> Callable[[date], bool]:
    return lambda day: day not in closed


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
