from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import (
    CORRECTABLE,
    Correction,
    StandingFacts,
    checked,
    checked_facts,
)
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import KIRYU, a_correction

TODAY = date(2026, 8, 3)


def calendar_with(*corrections: Correction) -> BudgetCalendar:
    return compute_calendar(
        KIRYU, 2026, CalendarFacts(corrections=corrections), business_days=BUSINESS_DAYS
    )


def accepted(correction: Correction, *standing: Correction, today: date = TODAY) -> Correction:
    calendar = calendar_with(*standing)
    return checked(correction, calendar=calendar, standing=standing, today=today)


@pytest.mark.parametrize(
    ("key", "day", "milestone", "stored"),
    [
        ("request_deadline", date(2026, 10, 20), "request_deadline", date(2026, 10, 20)),
        ("session_vote:4", date(2026, 12, 18), "session_vote:4", date(2026, 12, 18)),
        ("head_election", date(2026, 10, 18), "head_election", date(2026, 10, 18)),
        ("summer_review", date(2026, 8, 17), "summer_review_begins", date(2026, 8, 17)),
        ("finance_assessment", date(2026, 11, 1), "request_deadline", date(2026, 10, 31)),
        ("execution_preparation", date(2027, 3, 20), "budget_vote", date(2027, 3, 19)),
        (
            "supplementary_request_deadline:2",
            date(2026, 3, 20),
            "supplementary_request_deadline:2",
            date(2026, 3, 20),
        ),
    ],
)
def test_a_milestone_or_the_phase_it_begins_is_corrected(
    key: str, day: date, milestone: str, stored: date
) -> None:
    today = min(TODAY, day)
    result = accepted(a_correction(key, day), today=today)
    assert (result.key, result.window) == (milestone, Window.on(stored))


@pytest.mark.parametrize(
    ("key", "day", "field", "code", "told"),
    [
        ("request_deadlin", date(2026, 10, 1), "key", "unknown_milestone", "request_deadline"),
        ("", date(2026, 10, 1), "key", "unknown_milestone", "known are"),
        ("request_deadline:2", date(2026, 10, 1), "key", "unknown_milestone", "known are"),
        ("session_vote:5", date(2026, 10, 1), "key", "unknown_session", "session_vote:1 to"),
        ("session_vote", date(2026, 10, 1), "key", "unknown_session", "session_vote:1 to"),
        ("session_opens:spring", date(2026, 10, 1), "key", "unknown_session", "no session"),
        ("fiscal_year_begins", date(2026, 4, 2), "key", "set_by_law", "law"),
        ("accounts_closed", date(2026, 6, 1), "key", "set_by_law", "law"),
        ("information_gathering", date(2026, 4, 2), "key", "set_by_law", "1 April"),
        ("head_term_ends", date(2026, 10, 1), "key", "not_correctable", "head_term_ends"),
        ("extraordinary_session:202601", date(2026, 9, 1), "key", "not_correctable", "observed"),
        ("request_deadline", date(2026, 3, 31), "earliest", "outside_fiscal_year", "2026-04-01"),
        ("request_deadline", date(2027, 4, 1), "earliest", "outside_fiscal_year", "2027-03-31"),
        ("policy_announced", date(2026, 4, 1), "earliest", "no_room_in_fiscal_year", "no day"),
        ("unofficial_notice", date(2027, 3, 31), "latest", "no_room_in_fiscal_year", "no day"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_with_the_reason(
    key: str, day: date, field: str, code: str, told: str
) -> None:
    with pytest.raises(DomainError, match=told) as refused:
        accepted(a_correction(key, day), today=date(2026, 4, 1))
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_window_that_leaves_the_fiscal_year_names_its_end() -> None:
    with pytest.raises(DomainError) as refused:
        accepted(a_correction("budget_vote", date(2027, 3, 20), date(2027, 4, 2)))
    assert (refused.value.field, refused.value.code) == ("latest", "outside_fiscal_year")


COMPLETE = a_correction("request_deadline", date(2026, 10, 20))


@pytest.mark.parametrize(
    ("correction", "field"),
    [(replace(COMPLETE, source=" "), "source"), (replace(COMPLETE, reason=""), "reason")],
)
def test_a_correction_says_where_it_is_from_and_why(correction: Correction, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        accepted(correction)
    assert (refused.value.field, refused.value.code) == (field, "reason_missing")


NO_TEXT = "tele\0phone"


@pytest.mark.parametrize(
    ("correction", "field"),
    [
        (replace(COMPLETE, source=NO_TEXT), "source"),
        (replace(COMPLETE, reason=NO_TEXT), "reason"),
        (replace(COMPLETE, by=NO_TEXT), "by"),
    ],
)
def test_a_text_that_cannot_be_stored_is_refused(correction: Correction, field: str) -> None:
    with pytest.raises(DomainError, match=rf"^{field} holds the character U\+0000") as refused:
        accepted(correction)
    assert (refused.value.field, refused.value.code) == (field, "not_text")


REQUESTS = a_correction("request_deadline", date(2026, 10, 26), date(2026, 10, 30))


@pytest.mark.parametrize(
    ("correction", "other", "field"),
    [
        pytest.param(
            a_correction("budget_submitted", date(2026, 10, 20)),
            REQUESTS,
            "earliest",
            id="submitted before requests are in",
        ),
        pytest.param(
            a_correction("department_requests", date(2026, 10, 28)),
            REQUESTS,
            "latest",
            id="a phase that begins within the next one's window",
        ),
        pytest.param(
            a_correction("budget_policy", date(2026, 9, 1), date(2026, 10, 15)),
            a_correction("requests_begin", date(2026, 10, 10)),
            "latest",
            id="two phases overlap",
        ),
        pytest.param(
            a_correction("head_assessment_begins", date(2026, 10, 31)),
            REQUESTS,
            "earliest",
            id="no day for the phase between",
        ),
        pytest.param(
            a_correction("session_opens:4", date(2026, 10, 1)),
            a_correction("session_vote:3", date(2026, 10, 2)),
            "earliest",
            id="sessions overlap",
        ),
        pytest.param(
            a_correction("session_notice:4", date(2026, 12, 2)),
            a_correction("session_opens:4", date(2026, 12, 1)),
            "latest",
            id="notice after the opening",
        ),
        pytest.param(
            a_correction("budget_vote", date(2027, 3, 20)),
            a_correction("session_vote:1", date(2027, 3, 19)),
            "latest",
            id="budget voted after the session's last day",
        ),
        pytest.param(
            a_correction("quotes_wanted", date(2026, 11, 2)),
            REQUESTS,
            "latest",
            id="quotes after the requests",
        ),
    ],
)
def test_manual_windows_do_not_overlap(
    correction: Correction, other: Correction, field: str
) -> None:
    with pytest.raises(DomainError, match="must be over before") as refused:
        accepted(correction, other)
    assert (refused.value.field, refused.value.code) == (field, "overlapping_windows")


def test_a_correction_may_replace_itself() -> None:
    again = replace(REQUESTS, window=Window.on(date(2026, 10, 28)))
    assert accepted(again, REQUESTS).window.likely == date(2026, 10, 28)


@pytest.mark.parametrize(
    ("today", "day"),
    [
        pytest.param(date(2026, 11, 11), date(2026, 10, 20), id="passed, moved within the past"),
        pytest.param(date(2027, 3, 1), date(2026, 11, 12), id="long passed"),
    ],
)
def test_a_revision_into_the_past_is_refused(today: date, day: date) -> None:
    with pytest.raises(DomainError, match="has passed") as refused:
        accepted(a_correction("request_deadline", day), today=today)
    assert (refused.value.field, refused.value.code) == ("window", "revision_into_the_past")


@pytest.mark.parametrize("key", ["head_election", "post_election_supplementary"])
def test_what_the_calendar_does_not_have_cannot_be_put_into_the_past(key: str) -> None:
    with pytest.raises(DomainError, match="not at all") as refused:
        accepted(a_correction(key, date(2026, 8, 2)), today=TODAY)
    assert (refused.value.field, refused.value.code) == ("window", "revision_into_the_past")
    assert accepted(a_correction(key, TODAY), today=TODAY).key == key


@pytest.mark.parametrize(
    ("today", "day"),
    [
        pytest.param(date(2026, 11, 11), date(2026, 11, 20), id="passed, but postponed"),
        pytest.param(date(2026, 11, 11), date(2026, 11, 11), id="passed, but it is today"),
        pytest.param(date(2026, 10, 20), date(2026, 10, 16), id="happened earlier than expected"),
    ],
)
def test_a_revision_that_says_something_about_now_is_taken(today: date, day: date) -> None:
    assert accepted(a_correction("request_deadline", day), today=today).window.likely == day


def test_whatever_may_be_corrected_has_a_place_in_the_calendar() -> None:
    shown = {m.key for m in calendar_with().milestones}
    assert set(CORRECTABLE) - shown == {"head_election", "post_election_supplementary"}


@pytest.mark.parametrize("key", CORRECTABLE)
def test_a_correction_by_itself_is_shown_as_it_was_entered(key: str) -> None:
    present = calendar_with().milestone(key)
    day = present.estimate.window.likely if present else date(2026, 9, 1)
    shown = calendar_with(a_correction(key, day, day)).milestone(key)
    assert shown is not None
    assert shown.estimate.window == Window.on(day)
    assert shown.estimate.source == "telephone (sato)"


def facts(ends: date | None) -> StandingFacts:
    return StandingFacts(
        code=KIRYU.code,
        head_term_ends=ends,
        year_round_session=False,
        source="election commission",
        reason="new head",
        by="sato",
        at=datetime(2026, 8, 3, tzinfo=UTC),
    )


@pytest.mark.parametrize("ends", [None, date(2027, 5, 8), date(2023, 5, 8), date(2030, 9, 2)])
def test_an_end_of_term_within_four_years_is_taken(ends: date | None) -> None:
    assert checked_facts(facts(ends), today=TODAY).head_term_ends == ends


@pytest.mark.parametrize("ends", [date(1999, 12, 31), date(2030, 9, 4), date(2206, 5, 8)])
def test_an_end_of_term_beyond_four_years_is_refused(ends: date) -> None:
    with pytest.raises(DomainError, match="140条") as refused:
        checked_facts(facts(ends), today=TODAY)
    assert (refused.value.field, refused.value.code) == ("head_term_ends", "term_out_of_range")
