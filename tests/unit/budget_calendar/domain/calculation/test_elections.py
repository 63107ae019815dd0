from datetime import date, timedelta

import pytest

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from budget_calendar.domain.calculation.elections import skeleton_probability
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import KIRYU, a_correction

UNIFIED_SPRING = date(2027, 5, 8)
SUBMISSION = date(2027, 2, 22)


def kiryu(
    fiscal_year: int, term_ends: date | None, corrections: tuple[Correction, ...] = ()
) -> BudgetCalendar:
    facts = CalendarFacts(head_term_ends=term_ends, corrections=corrections)
    return compute_calendar(KIRYU, fiscal_year, facts, business_days=BUSINESS_DAYS)


def days(calendar: BudgetCalendar, *kinds: str) -> dict[str, date]:
    return {m.key: m.likely for m in calendar.milestones if m.key in kinds}


ABOUT_ELECTIONS = ("head_election", "head_term_ends", "post_election_supplementary")


def test_the_year_before_an_election_in_spring_may_bring_a_skeleton_budget() -> None:
    calendar = kiryu(2026, UNIFIED_SPRING)
    assert calendar.skeleton is not None
    assert 0.5 < calendar.skeleton.probability < 1
    assert calendar.skeleton.election.likely == date(2027, 4, 25)
    assert "no statistics" in calendar.skeleton.source
    assert days(calendar, *ABOUT_ELECTIONS) == {}


def test_the_election_year_returns_policy_items_in_june() -> None:
    calendar = kiryu(2027, UNIFIED_SPRING)
    assert calendar.skeleton is None
    assert days(calendar, *ABOUT_ELECTIONS) == {
        "head_election": date(2027, 4, 25),
        "head_term_ends": UNIFIED_SPRING,
        "post_election_supplementary": date(2027, 6, 24),
    }


@pytest.mark.parametrize("fiscal_year", [2028, 2029])
def test_years_between_elections_know_of_none(fiscal_year: int) -> None:
    calendar = kiryu(fiscal_year, UNIFIED_SPRING)
    assert calendar.skeleton is None
    assert days(calendar, *ABOUT_ELECTIONS) == {}
    assert not any("term" in w.en for w in calendar.warnings)


def test_later_terms_are_projected_and_say_so() -> None:
    calendar = kiryu(2031, UNIFIED_SPRING)
    ends = calendar.milestone("head_term_ends")
    assert ends is not None
    assert (ends.likely, ends.estimate.basis) == (date(2031, 5, 8), Basis.LAW)
    assert ends.note is not None
    assert "Projected" in ends.note.en


def test_earlier_terms_are_not_made_up() -> None:
    assert days(kiryu(2023, UNIFIED_SPRING), *ABOUT_ELECTIONS) == {}


def test_an_election_in_summer_leaves_the_june_session_no_time() -> None:
    calendar = kiryu(2026, date(2026, 6, 20))
    assert days(calendar, "head_election") == {"head_election": date(2026, 5, 31)}
    (supplementary,) = days(calendar, "post_election_supplementary").values()
    (september,) = days(calendar, "session_vote:3").values()
    assert supplementary == september


@pytest.mark.parametrize("term_ends", [date(2026, 11, 20), date(2027, 2, 20)])
def test_an_election_that_a_person_entered_replaces_the_one_of_that_fiscal_year(
    term_ends: date,
) -> None:
    called = a_correction("head_election", date(2026, 10, 18))
    calendar = kiryu(2026, term_ends, (called,))
    (election,) = [m for m in calendar.milestones if m.kind is MilestoneKind.HEAD_ELECTION]
    assert (election.likely, election.estimate.basis) == (date(2026, 10, 18), Basis.MANUAL)
    assert days(calendar, "head_term_ends") == {"head_term_ends": term_ends}


@pytest.mark.parametrize(
    ("fiscal_year", "told"),
    [(2026, "27.5 % of bodies"), (2027, "can't be ruled out")],
)
def test_an_unknown_term_is_warned_of(fiscal_year: int, told: str) -> None:
    calendar = kiryu(fiscal_year, None)
    assert calendar.skeleton is None
    assert any(told in w.en for w in calendar.warnings)


@pytest.mark.parametrize(("fiscal_year", "told"), [(2027, False), (2028, True), (2031, True)])
def test_an_election_entered_for_one_year_says_nothing_of_years_later(
    fiscal_year: int,
    told: bool,  # noqa: FBT001
) -> None:
    entered = a_correction("head_election", date(2026, 10, 18))
    warnings = kiryu(fiscal_year, None, (entered,)).warnings
    assert any("end of the head's term is not known" in w.en for w in warnings) is told


@pytest.mark.parametrize(
    ("days_later", "probability"),
    [
        (-31, None),
        (-30, 0.4),
        (-1, 0.4),
        (0, 0.8),
        (62, 0.8),
        (75, 0.8),
        (76, 0.4),
        (135, 0.4),
        (136, None),
    ],
)
def test_a_skeleton_is_the_likelier_the_nearer_the_election_follows(
    days_later: int, probability: float | None
) -> None:
    day = SUBMISSION + timedelta(days=days_later)
    sure = Estimate(Window.on(day), Basis.OBSERVED, "announced", 1.0)
    assert skeleton_probability(SUBMISSION, sure) == probability
