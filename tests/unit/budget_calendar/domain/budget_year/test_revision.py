from dataclasses import replace
from datetime import date

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.revision import moved
from budget_calendar.domain.budget_year.templates import PUBLISHED
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import KIRYU, a_correction, a_prediction


def calendar_of(facts: CalendarFacts) -> BudgetCalendar:
    return compute_calendar(KIRYU, 2026, facts, business_days=BUSINESS_DAYS)


def test_the_same_calendar_moved_nothing() -> None:
    assert moved(calendar_of(CalendarFacts()), calendar_of(CalendarFacts())) == ()


def test_a_correction_moves_its_milestone_and_what_depends_on_it() -> None:
    before = calendar_of(CalendarFacts())
    after = calendar_of(
        CalendarFacts(corrections=(a_correction("request_deadline", date(2026, 11, 6)),))
    )
    assert {m.fiscal_year for m in moved(before, after)} == {2026}
    changes = {m.key: m.days for m in moved(before, after)}
    assert changes["request_deadline"] == 7
    assert changes["quotes_wanted"] == 7
    assert set(changes) <= {"request_deadline", "quotes_wanted", "requests_begin"} | {
        "policy_announced",
        "summer_review_begins",
    }


def test_another_confidence_moves_nothing() -> None:
    before = calendar_of(CalendarFacts())
    surer = replace(PUBLISHED, confidence=0.9)
    after = compute_calendar(
        KIRYU, 2026, CalendarFacts(), business_days=BUSINESS_DAYS, template=surer
    )
    assert before != after
    assert moved(before, after) == ()


def test_a_wider_window_around_the_same_day_is_announced() -> None:
    narrow, wide = (
        calendar_of(CalendarFacts(predicted=(a_prediction(4, None, date(2026, 12, 16), spread),)))
        for spread in (2, 5)
    )
    changes = {m.key: m.days for m in moved(narrow, wide)}
    assert changes["session_vote:4"] == 0


def test_what_appears_and_what_goes_away_has_no_days() -> None:
    without = calendar_of(CalendarFacts())
    with_election = calendar_of(CalendarFacts(head_term_ends=date(2026, 11, 20)))
    appeared = {m.key: (m.before, m.days) for m in moved(without, with_election)}
    assert appeared == {"head_election": (None, None), "head_term_ends": (None, None)}
    gone = {m.key: (m.after, m.days) for m in moved(with_election, without)}
    assert gone == appeared
