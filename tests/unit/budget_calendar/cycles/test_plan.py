"""The announcements that a budget cycle plans: tables of instants, no server."""

from datetime import UTC, date, datetime

import pytest

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.plan import CyclePlan, PlanCycle, plan_cycle
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.reasons import OF_A_PURSUIT
from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
from budget_calendar.events.mapping import labels, line
from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.budget_phases import MilestoneNear, PhaseEntered
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import KIRYU, a_correction

CITY = CalendarInputs(KIRYU)


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=TOKYO).astimezone(UTC)


def look(
    now: datetime,
    since: datetime | None = None,
    phase: str | None = None,
    correction: Correction | None = None,
    pursued_by: frozenset[str] | None = None,
) -> CyclePlan:
    request = PlanCycle(KIRYU.code, now, since, phase)
    source = CITY if correction is None else CalendarInputs(KIRYU, corrections=(correction,))
    return plan_cycle(
        request,
        [CalendarCalculator("published").calendar(source, year) for year in request.fiscal_years],
        name=KIRYU.name,
        business_days=BUSINESS_DAYS,
        lead_business_days=LEAD_BUSINESS_DAYS,
        pursued_by=pursued_by,
    )


def phases(plan: CyclePlan) -> list[tuple[str, bool, date]]:
    return [
        (each.key, data.standing, each.occurred_at.astimezone(TOKYO).date())
        for each in plan.due
        if isinstance(data := each.event().data, PhaseEntered)
    ]


@pytest.mark.parametrize(
    ("now", "since", "years"),
    [
        (at(5, 1), None, [2026, 2027]),
        (at(5, 1), at(4, 20), [2026, 2027]),
        (at(4, 1, 8), None, [2025, 2026]),  # before 09:00 it is still 31 March
        (at(4, 1, 9), None, [2026, 2027]),
        (at(4, 1, 9), at(3, 31), [2025, 2026, 2027]),
        (at(4, 1, 9), at(1, 10, year=2024), [2023, 2024, 2025, 2026, 2027]),
    ],
)
def test_calendars_since_the_last_announcement_are_needed(
    now: datetime, since: datetime | None, years: list[int]
) -> None:
    assert list(PlanCycle(KIRYU.code, now, since, None).fiscal_years) == years


def test_the_first_look_says_where_it_stands_and_nothing_else() -> None:
    plan = look(at(10, 15))
    assert phases(plan) == [("2026/department_requests", True, date(2026, 10, 15))]
    assert len(plan.due) == 1
    assert plan.next_at > plan.through == at(10, 15)


def test_a_phase_begins_at_nine_in_japan() -> None:
    told = "2026/information_gathering"
    assert phases(look(at(7, 1, 8), at(6, 30), told)) == []
    assert look(at(7, 1, 8), at(6, 30), told).next_at == at(7, 1, 9)
    assert phases(look(at(7, 1, 9), at(6, 30), told)) == [
        ("2026/summer_review", False, date(2026, 7, 1))
    ]


def test_an_outage_of_months_is_made_up_for_in_order() -> None:
    plan = look(at(4, 5, year=2027), at(10, 20), "2026/department_requests")
    assert phases(plan) == [
        ("2026/finance_assessment", False, date(2026, 10, 31)),
        ("2026/head_assessment", False, date(2027, 1, 15)),
        ("2026/deliberation", False, date(2027, 2, 22)),
        ("2026/execution_preparation", False, date(2027, 3, 19)),
        ("2027/information_gathering", False, date(2027, 4, 1)),
    ]
    moments = [each.occurred_at for each in plan.due]
    assert moments == sorted(moments)
    assert len({each.event_id for each in plan.due}) == len(plan.due)


def test_looking_twice_gives_the_same_events() -> None:
    first, second = (look(at(12, 1, hour), at(7, 2), "2026/summer_review") for hour in (10, 15))
    assert first.due == second.due != ()


def test_a_phase_that_holds_again_after_a_revision_is_a_fact_of_its_own() -> None:
    early = a_correction("request_deadline", date(2026, 10, 12))
    there = look(at(10, 15, 11), at(10, 15, 10), "2026/department_requests", early)
    back = look(at(10, 15, 12), at(10, 15, 11), "2026/finance_assessment")
    again = look(at(10, 15, 13), at(10, 15, 12), "2026/department_requests", early)
    assert phases(there) == phases(again) == [("2026/finance_assessment", True, date(2026, 10, 15))]
    ids = {each.event_id for plan in (there, back, again) for each in plan.due}
    assert len(ids) == 3


def test_a_phase_is_not_announced_again_when_its_beginning_moves() -> None:
    moved = a_correction("summer_review_begins", date(2026, 7, 8))
    assert phases(look(at(7, 8), at(7, 7), "2026/summer_review", moved)) == []


def test_the_next_milestone_is_named_after_its_last_notice_too() -> None:
    deadline = a_correction("request_deadline", date(2026, 10, 20))
    standing = look(at(10, 19), at(10, 18), "2026/department_requests", deadline).standing
    assert standing.en.endswith("Next: Request deadline about 2026-10-20")
    assert standing.ja.endswith("次：予算要求締切 2026-10-20頃")


def test_the_next_milestone_may_lie_in_the_next_fiscal_year() -> None:
    assert "Next: " in look(at(3, 30, year=2027)).standing.en


def test_a_summary_of_a_year_fits_into_temporal_even_encrypted() -> None:
    plan = look(at(4, 5, year=2027), at(4, 5), "2026/information_gathering")
    assert len(plan.due) > 50
    named = labels(plan.due)
    assert len(line(named).encode()) < 300
    assert line(named[:2]) == "、".join(named[:2])


def test_a_milestone_of_a_session_says_when_the_session_opens_and_votes() -> None:
    plan = look(at(12, 31), at(4, 20))
    near = [data for each in plan.due if isinstance(data := each.event().data, MilestoneNear)]
    sessions = {each.milestone: each.session for each in near}

    assert sessions["request_deadline"] is None
    for number in (2, 3, 4):
        vote = next(each for each in near if each.milestone == f"session_vote:{number}")
        assert vote.session is not None
        assert vote.session.votes == vote.window
        assert vote.session.opens.likely < vote.window.likely
    for number in (3, 4):
        assert (
            sessions[f"supplementary_request_deadline:{number}"]
            == sessions[f"session_vote:{number}"]
        )


def reasons_of_a_year(pursued_by: frozenset[str] | None) -> dict[str, set[str | None]]:
    """Return the reasons of a year, each with the owners that it names."""
    found: dict[str, set[str | None]] = {}
    for each in look(at(4, 1, year=2027), at(4, 1), pursued_by=pursued_by).due:
        if isinstance(data := each.event().data, ReasonArisen):
            found.setdefault(data.reason, set()).add(data.owner)
    return found


def test_what_speaks_of_a_request_is_a_reason_only_where_a_pursuit_is_under_way() -> None:
    nobody = reasons_of_a_year(frozenset())
    one = reasons_of_a_year(frozenset({"s-1"}))
    assert set(one) - set(nobody) == OF_A_PURSUIT
    assert {kind: owners for kind, owners in one.items() if owners != {None}} == {
        kind.value: {"s-1"} for kind in OF_A_PURSUIT
    }
    assert "before_request_deadline" in nobody
    assert reasons_of_a_year(None) == reasons_of_a_year(frozenset({"s-1", "s-2"}))
