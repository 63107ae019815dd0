from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.templates import PUBLISHED, TEMPLATES, TEXTBOOK, Template
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from budget_calendar.domain.council.sessions import (
    BudgetBill,
    BudgetBillKind,
    ExpectedBudgets,
    SessionKind,
)
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.windows import Basis
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import (
    CHIBA,
    GUNMA,
    KANNA,
    KIRYU,
    a_correction,
    a_prediction,
    a_session,
)

WITH_AN_ELECTION = {
    MilestoneKind.HEAD_ELECTION,
    MilestoneKind.HEAD_TERM_ENDS,
    MilestoneKind.POST_ELECTION_SUPPLEMENTARY,
}


def calendar_of(
    municipality: Municipality = KIRYU,
    fiscal_year: int = 2026,
    facts: CalendarFacts | None = None,
    template: Template = PUBLISHED,
) -> BudgetCalendar:
    return compute_calendar(
        municipality,
        fiscal_year,
        facts or CalendarFacts(),
        business_days=BUSINESS_DAYS,
        template=template,
    )


def likely(calendar: BudgetCalendar, key: str) -> date:
    milestone = calendar.milestone(key)
    assert milestone is not None, key
    return milestone.likely


def basis(calendar: BudgetCalendar, key: str) -> Basis:
    milestone = calendar.milestone(key)
    assert milestone is not None, key
    return milestone.estimate.basis


@pytest.mark.parametrize("municipality", [KIRYU, CHIBA, GUNMA, KANNA], ids=lambda m: m.name)
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda t: t.name)
def test_every_milestone_is_there_even_when_nothing_is_known(
    municipality: Municipality, template: Template
) -> None:
    calendar = calendar_of(municipality, template=template)
    kinds = {m.kind for m in calendar.milestones}
    assert kinds == set(MilestoneKind) - WITH_AN_ELECTION - {MilestoneKind.EXTRAORDINARY_SESSION}
    for kind in (MilestoneKind.SESSION_OPENS, MilestoneKind.SESSION_VOTE):
        days = [likely(calendar, f"{kind}:{n}") for n in (2, 3, 4, 1)]
        assert days == sorted(days)
    assert all(m.estimate.source for m in calendar.milestones)


@pytest.mark.parametrize(
    ("municipality", "template", "day", "phase"),
    [
        (KIRYU, PUBLISHED, date(2026, 4, 1), BudgetPhase.INFORMATION_GATHERING),
        (KIRYU, PUBLISHED, date(2026, 6, 30), BudgetPhase.INFORMATION_GATHERING),
        (KIRYU, PUBLISHED, date(2026, 8, 1), BudgetPhase.SUMMER_REVIEW),
        (KIRYU, PUBLISHED, date(2026, 10, 5), BudgetPhase.BUDGET_POLICY),
        (KIRYU, PUBLISHED, date(2026, 10, 20), BudgetPhase.DEPARTMENT_REQUESTS),
        (KIRYU, PUBLISHED, date(2026, 12, 1), BudgetPhase.FINANCE_ASSESSMENT),
        (KIRYU, PUBLISHED, date(2027, 1, 25), BudgetPhase.HEAD_ASSESSMENT),
        (KIRYU, PUBLISHED, date(2027, 3, 1), BudgetPhase.DELIBERATION),
        (KIRYU, PUBLISHED, date(2027, 3, 31), BudgetPhase.EXECUTION_PREPARATION),
        (GUNMA, PUBLISHED, date(2026, 11, 2), BudgetPhase.DEPARTMENT_REQUESTS),
        (GUNMA, PUBLISHED, date(2027, 2, 17), BudgetPhase.DELIBERATION),
        (KIRYU, TEXTBOOK, date(2026, 6, 15), BudgetPhase.BUDGET_POLICY),
        (KIRYU, TEXTBOOK, date(2026, 8, 1), BudgetPhase.DEPARTMENT_REQUESTS),
        (KIRYU, TEXTBOOK, date(2026, 11, 1), BudgetPhase.FINANCE_ASSESSMENT),
        (KIRYU, TEXTBOOK, date(2027, 3, 1), BudgetPhase.DELIBERATION),
    ],
)
def test_where_a_municipality_usually_stands(
    municipality: Municipality, template: Template, day: date, phase: BudgetPhase
) -> None:
    assert calendar_of(municipality, template=template).phase_on(day).phase is phase


OBSERVED = a_session(4, date(2026, 12, 1), date(2026, 12, 17))
PREDICTED = a_prediction(4, date(2026, 11, 30), date(2026, 12, 16))
CORRECTION = a_correction("request_deadline", date(2026, 10, 20))
MANUAL = a_correction("session_vote:4", date(2026, 12, 18))


@pytest.mark.parametrize(
    ("facts", "day", "expected"),
    [
        pytest.param(CalendarFacts(), date(2026, 12, 16), Basis.PRACTICE, id="practice"),
        pytest.param(
            CalendarFacts(predicted=(PREDICTED,)),
            date(2026, 12, 16),
            Basis.PREDICTED,
            id="predicted",
        ),
        pytest.param(
            CalendarFacts(predicted=(PREDICTED,), observed=(OBSERVED,)),
            date(2026, 12, 17),
            Basis.OBSERVED,
            id="observed",
        ),
        pytest.param(
            CalendarFacts(predicted=(PREDICTED,), observed=(OBSERVED,), corrections=(MANUAL,)),
            date(2026, 12, 18),
            Basis.MANUAL,
            id="manual",
        ),
    ],
)
def test_the_best_known_date_holds(facts: CalendarFacts, day: date, expected: Basis) -> None:
    calendar = calendar_of(facts=facts)
    assert likely(calendar, "session_vote:4") == day
    assert basis(calendar, "session_vote:4") is expected


def test_what_is_set_by_law_is_named_by_its_article() -> None:
    calendar = calendar_of()
    sources = {
        m.kind: m.estimate.source for m in calendar.milestones if m.estimate.basis is Basis.LAW
    }
    assert sources == {
        MilestoneKind.FISCAL_YEAR_BEGINS: "地方自治法208条1項",
        MilestoneKind.ACCOUNTS_CLOSED: "地方自治法235条の5",
        MilestoneKind.SETTLEMENT_TO_HEAD: "地方自治法233条1項",
        MilestoneKind.YEAR_END_CLOSURE: "地方自治法4条の2第2項3号と各団体の休日条例",
        MilestoneKind.SUBMISSION_DEADLINE: "地方自治法211条1項",
    }


def test_a_date_derived_by_law_is_no_better_known_than_its_origin() -> None:
    predicted = calendar_of(facts=CalendarFacts(predicted=(PREDICTED,)))
    announced = calendar_of(facts=CalendarFacts(observed=(OBSERVED,)))
    assert basis(predicted, "session_notice:4") is Basis.PREDICTED
    assert basis(announced, "session_notice:4") is Basis.LAW
    assert likely(announced, "session_notice:4") == date(2026, 11, 24)


def test_sessions_of_a_fiscal_year_end_with_the_first_of_the_next_calendar_year() -> None:
    sessions = (
        a_session(1, date(2026, 2, 20), date(2026, 3, 18)),
        a_session(2, None, date(2026, 6, 24)),
        a_session(1, date(2027, 2, 19), date(2027, 3, 17)),
    )
    calendar = calendar_of(facts=CalendarFacts(observed=sessions))
    assert likely(calendar, "session_vote:2") == date(2026, 6, 24)
    assert likely(calendar, "session_vote:1") == date(2027, 3, 17)
    assert likely(calendar, "budget_submitted") == date(2027, 2, 19)
    assert basis(calendar, "budget_vote") is Basis.OBSERVED
    assert likely(calendar, "budget_to_head") == date(2027, 3, 20)


def test_the_settlement_is_recognised_by_the_session_around_september() -> None:
    calendar = calendar_of(facts=CalendarFacts(observed=(a_session(3, None, date(2026, 9, 25)),)))
    recognised = calendar.milestone("settlement_recognised")
    assert recognised is not None
    assert recognised.likely == date(2026, 9, 25)
    assert recognised.estimate.basis is Basis.PRACTICE
    assert "地方自治法233条3項" in recognised.estimate.source


def test_an_opening_nobody_published_is_as_far_from_the_vote_as_usual() -> None:
    calendar = calendar_of(facts=CalendarFacts(observed=(a_session(2, None, date(2026, 6, 24)),)))
    opens = calendar.milestone("session_opens:2")
    assert opens is not None
    assert opens.estimate.basis is Basis.PRACTICE
    assert opens.estimate.window.earliest < date(2026, 6, 8) < opens.estimate.window.latest


def test_the_initial_budget_is_voted_where_its_bill_passed() -> None:
    bill = BudgetBill(
        BudgetBillKind.INITIAL, 2027, "一般会計", None, False, True, "令和9年度桐生市一般会計予算"
    )
    passed_early = replace(a_session(1, None, date(2027, 3, 9)), bills=(bill,))
    calendar = calendar_of(facts=CalendarFacts(observed=(passed_early,)))
    assert likely(calendar, "budget_vote") == date(2027, 3, 9)
    assert calendar.phase_on(date(2027, 3, 10)).phase is BudgetPhase.EXECUTION_PREPARATION


def test_extraordinary_sessions_are_named_by_calendar_year_and_number() -> None:
    called = SessionKind.EXTRAORDINARY
    calendar = calendar_of(
        facts=CalendarFacts(
            observed=(
                a_session(1, None, date(2026, 5, 12), called),
                a_session(1, None, date(2027, 1, 20), called),
            )
        )
    )
    assert likely(calendar, "extraordinary_session:202601") == date(2026, 5, 12)
    assert likely(calendar, "extraordinary_session:202701") == date(2027, 1, 20)


@pytest.mark.parametrize(
    ("number", "vote", "place"),
    [
        pytest.param(3, date(2026, 11, 4), 3, id="the autumn session ends in November"),
        pytest.param(4, date(2026, 6, 19), 2, id="counted with extraordinary ones, June"),
        pytest.param(5, date(2026, 9, 18), 3, id="counted with extraordinary ones, September"),
        pytest.param(8, date(2026, 12, 11), 4, id="counted with extraordinary ones, December"),
        pytest.param(2, date(2027, 3, 12), 1, id="counted with extraordinary ones, spring"),
    ],
)
def test_a_session_takes_the_place_of_its_season_whatever_its_number(
    number: int, vote: date, place: int
) -> None:
    calendar = calendar_of(facts=CalendarFacts(observed=(a_session(number, None, vote),)))
    milestone = calendar.milestone(f"session_vote:{place}")
    assert milestone is not None
    assert (milestone.likely, milestone.estimate.basis) == (vote, Basis.OBSERVED)
    told = f"The council counts it as number {number} of {vote.year}."
    assert (milestone.note.en if milestone.note else None) == (None if number == place else told)


def test_a_prediction_takes_the_place_of_its_season_too() -> None:
    calendar = calendar_of(
        facts=CalendarFacts(predicted=(a_prediction(6, None, date(2026, 9, 17)),))
    )
    assert likely(calendar, "session_vote:3") == date(2026, 9, 17)
    assert basis(calendar, "session_vote:3") is Basis.PREDICTED


def test_a_predicted_vote_says_how_many_supplementary_budgets_to_expect() -> None:
    predicted = replace(
        a_prediction(4, None, date(2026, 12, 16)), budgets=ExpectedBudgets(6.7, 4, 9, 11)
    )
    vote = calendar_of(facts=CalendarFacts(predicted=(predicted,))).milestone("session_vote:4")
    assert vote is not None
    assert vote.note is not None
    assert vote.note.en == "4 to 9 supplementary budgets are expected."
    assert vote.note.ja == "補正予算は4～9件の見込み。"


def test_a_session_that_finds_its_place_taken_is_reported() -> None:
    fourth = a_session(4, None, date(2026, 12, 16))
    fifth = a_session(5, None, date(2026, 12, 24))
    calendar = calendar_of(facts=CalendarFacts(observed=(fifth, fourth)))
    assert likely(calendar, "session_vote:4") == date(2026, 12, 16)
    assert any("session 5 of 2026 (2026-12-24)" in w.en for w in calendar.warnings)


@pytest.mark.parametrize(
    ("municipality", "earliest", "day", "latest"),
    [
        pytest.param(KIRYU, 10, 8, 6, id="city 6-10 weeks"),
        pytest.param(GUNMA, 12, 11, 10, id="prefecture 10-12 weeks"),
    ],
)
def test_a_supplementary_budget_is_requested_weeks_before_its_session(
    municipality: Municipality, earliest: int, day: int, latest: int
) -> None:
    calendar = calendar_of(municipality)
    opens, request = (
        calendar.milestone(f"{kind}:3")
        for kind in (MilestoneKind.SESSION_OPENS, MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE)
    )
    assert opens is not None
    assert request is not None
    lead = [
        (o - r).days / 7
        for o, r in (
            (opens.estimate.window.earliest, request.estimate.window.earliest),
            (opens.likely, request.likely),
            (opens.estimate.window.latest, request.estimate.window.latest),
        )
    ]
    assert lead == pytest.approx([earliest, day, latest], abs=0.9)
    assert request.likely in BUSINESS_DAYS


def test_a_year_round_council_gives_no_notice() -> None:
    calendar = calendar_of(facts=CalendarFacts(year_round_session=True))
    assert calendar.milestone("session_notice:2") is None
    assert calendar.milestone("session_opens:2") is not None


def test_a_notice_that_a_person_entered_is_shown_even_of_a_year_round_council() -> None:
    entered = a_correction("session_notice:3", date(2026, 8, 21))
    calendar = calendar_of(facts=CalendarFacts(corrections=(entered,), year_round_session=True))
    assert likely(calendar, "session_notice:3") == date(2026, 8, 21)
    assert calendar.milestone("session_notice:2") is None


def test_a_manual_date_pushes_what_is_less_well_known_and_says_so() -> None:
    deadline = a_correction("request_deadline", date(2026, 9, 15))
    calendar = calendar_of(facts=CalendarFacts(corrections=(deadline,)))
    policy, requests = (calendar.milestone(k) for k in ("policy_announced", "requests_begin"))
    assert policy is not None
    assert requests is not None
    assert policy.likely < requests.likely <= date(2026, 9, 15)
    assert requests.note is not None
    assert "left no room" in requests.note.en
    assert requests.estimate.confidence == PUBLISHED.confidence / 2
    assert calendar.phase_on(date(2026, 9, 16)).phase is BudgetPhase.FINANCE_ASSESSMENT
    assert likely(calendar, "quotes_wanted") < date(2026, 9, 1)


def test_the_newest_correction_holds() -> None:
    newer = replace(
        a_correction("request_deadline", date(2026, 10, 23)), at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    for order in ((CORRECTION, newer), (newer, CORRECTION)):
        calendar = calendar_of(facts=CalendarFacts(corrections=order))
        assert likely(calendar, "request_deadline") == date(2026, 10, 23)


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(replace(CORRECTION, code=CHIBA.code), id="municipality"),
        pytest.param(replace(CORRECTION, fiscal_year=2025), id="year"),
    ],
)
def test_a_correction_of_another_calendar_changes_nothing(elsewhere: Correction) -> None:
    assert calendar_of(facts=CalendarFacts(corrections=(elsewhere,))) == calendar_of()


def test_a_spring_session_follows_the_corrected_vote_of_the_budget() -> None:
    vote = a_correction("budget_vote", date(2027, 3, 24))
    calendar = calendar_of(facts=CalendarFacts(corrections=(vote,)))
    assert likely(calendar, "session_vote:1") == date(2027, 3, 24)


def test_a_submission_after_the_legal_day_is_warned_of() -> None:
    late = a_correction("budget_submitted", date(2027, 3, 15))
    told = [w.en for w in calendar_of(facts=CalendarFacts(corrections=(late,))).warnings]
    assert any("duty of effort" in text for text in told)
    assert not any("duty of effort" in w.en for w in calendar_of().warnings)


def test_a_vote_on_31_march_leaves_that_day_to_the_last_phase() -> None:
    vote = a_correction("budget_vote", date(2027, 3, 31))
    calendar = calendar_of(facts=CalendarFacts(corrections=(vote,)))
    assert calendar.phases[-1].begins.window.likely == date(2027, 3, 31)
    assert likely(calendar, "budget_to_head") == date(2027, 3, 31)
