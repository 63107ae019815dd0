from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.budget_year.scheduled_events import (
    JAPAN,
    LONGEST_LEAD,
    ScheduledEvent,
    ScheduledEventKind,
    begin_by,
    due,
    next_instant,
    scheduled_events,
)
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import KIRYU, a_correction


def calendar_of(*requests: date) -> BudgetCalendar:
    facts = CalendarFacts(
        corrections=tuple(a_correction("request_deadline", day) for day in requests),
        head_term_ends=date(2026, 11, 20),
    )
    return compute_calendar(KIRYU, 2026, facts, business_days=BUSINESS_DAYS)


CALENDAR = calendar_of(date(2026, 10, 30))
MOMENTS = scheduled_events(CALENDAR, BUSINESS_DAYS)


def of(key: str, found: tuple[ScheduledEvent, ...] = MOMENTS) -> list[tuple[int | None, date]]:
    return [(m.lead, m.day) for m in found if m.key == key]


def test_a_milestone_is_announced_its_lead_times_ahead_in_business_days() -> None:
    assert of("request_deadline") == [
        (90, date(2026, 6, 18)),
        (30, date(2026, 9, 14)),
        (7, date(2026, 10, 21)),
    ]
    for lead, day in of("request_deadline"):
        after = day + timedelta(days=1)
        assert BUSINESS_DAYS.count(after, date(2026, 10, 30)) == lead


def test_lead_times_are_configurable() -> None:
    found = scheduled_events(CALENDAR, BUSINESS_DAYS, (10, 5, 5))
    assert [lead for lead, _ in of("request_deadline", found)] == [10, 5]
    assert [lead for lead, _ in of("contacts_reconfirmed", found)] == [5]


def test_only_what_a_seller_acts_on_is_announced() -> None:
    announced = {
        m.key.partition(":")[0] for m in MOMENTS if m.kind is ScheduledEventKind.MILESTONE_NEAR
    }
    assert announced <= set(LONGEST_LEAD)
    assert not announced & {MilestoneKind.ACCOUNTS_CLOSED, MilestoneKind.SESSION_NOTICE}
    assert MilestoneKind.HEAD_ELECTION in announced


@pytest.mark.parametrize(
    ("kind", "likely", "begins"),
    [
        (MilestoneKind.REQUEST_DEADLINE, date(2026, 10, 30), date(2026, 6, 18)),
        (MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE, date(2026, 10, 30), date(2026, 9, 14)),
        (MilestoneKind.CONTACTS_RECONFIRMED, date(2026, 10, 30), date(2026, 10, 21)),
        (MilestoneKind.ACCOUNTS_CLOSED, date(2026, 5, 31), None),
        (MilestoneKind.SESSION_NOTICE, date(2026, 8, 24), None),
    ],
)
def test_each_milestone_says_when_to_begin(
    kind: MilestoneKind, likely: date, begins: date | None
) -> None:
    assert begin_by(kind, likely, BUSINESS_DAYS) == begins


def test_every_phase_is_entered_once_at_nine_in_japan() -> None:
    entered = [m for m in MOMENTS if m.kind is ScheduledEventKind.PHASE_ENTERED]
    assert [m.key for m in entered] == list(BudgetPhase)
    assert [m.day for m in entered] == [s.begins.window.likely for s in CALENDAR.phases]
    assert entered[0].at.astimezone(UTC) == datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


def test_events_come_by_instant_and_have_their_own_ids() -> None:
    assert [m.at for m in MOMENTS] == sorted(m.at for m in MOMENTS)
    assert len({m.id for m in MOMENTS}) == len(MOMENTS)


def test_a_moved_milestone_is_another_announcement_and_all_others_stay() -> None:
    later = scheduled_events(calendar_of(date(2026, 10, 30), date(2026, 11, 6)), BUSINESS_DAYS)
    before, after = {m.id for m in MOMENTS}, {m.id for m in later}
    assert {i for i in before - after if "session" in i or "head_election" in i} == set()
    assert "2026:milestone_near:request_deadline:30:2026-11-06" in after - before


def test_starting_late_announces_nothing_that_is_past() -> None:
    started = datetime(2026, 10, 15, 3, 0, tzinfo=UTC)
    assert due(MOMENTS, started, started) == ()
    coming = due(MOMENTS, started, datetime(2027, 4, 1, tzinfo=UTC))
    assert coming
    assert all(m.day >= date(2026, 10, 15) for m in coming)
    assert BudgetPhase.SUMMER_REVIEW not in {m.key for m in coming}


def test_a_timer_is_set_for_the_next_instant() -> None:
    noon = datetime(2026, 10, 20, 12, 0, tzinfo=JAPAN)
    assert next_instant(MOMENTS, noon) == datetime(2026, 10, 21, 9, 0, tzinfo=JAPAN)
    assert next_instant(MOMENTS, datetime(2027, 4, 1, tzinfo=UTC)) is None


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 4, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(INSTANTS, min_size=2, max_size=10))
def test_however_a_year_is_cut_each_event_is_due_once(cuts: list[datetime]) -> None:
    cursor, *rest = sorted(cuts)
    announced: list[ScheduledEvent] = []
    for until in rest:
        announced += due(MOMENTS, cursor, until)
        cursor = until
    assert announced == list(due(MOMENTS, min(cuts), max(cuts)))


@pytest.mark.parametrize(
    "instant", [datetime(2026, 10, 21, 9, 0, tzinfo=JAPAN), datetime(2026, 10, 21, tzinfo=UTC)]
)
def test_an_event_is_due_at_its_instant_and_not_again(instant: datetime) -> None:
    second = timedelta(seconds=1)
    assert "request_deadline" in {m.key for m in due(MOMENTS, instant - second, instant)}
    assert "request_deadline" not in {m.key for m in due(MOMENTS, instant, instant + second)}
